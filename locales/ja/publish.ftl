### kmscope dns publish、remove、record の文。

publish-done = { $domain }: 変更しました
publish-unchanged = { $domain }: レコードは既にあります。変更は不要です
publish-nothing-to-remove = { $domain }: 該当するレコードがないため、削除するものはありません
publish-would-send = { $domain }: { $server } に次を送信します:
publish-no-zone = { $domain }: DNS サーバーは { $owner } がどのゾーンに属するかを答えません ({ $words })。ゾーンを持つサーバーを --nameserver で指定してください。
publish-not-read = { $domain }: プライマリ サーバー { $server } から現在の内容を読み取れません ({ $words })。
publish-no-answer = { $domain }: プライマリ サーバー { $server } は更新に応答しませんでした: { $words }。更新は TCP で送られます。途中のファイアウォールを確認してください。
publish-done-looked-up = { $domain }: 変更しました。応答の署名を検証できなかったため (Samba はこの種の応答に正しく署名しません)、レコードを照会して確認しました。意図したとおりです。
publish-no-ticket = { $domain }: { $server } の DNS サービスに対する Kerberos チケットがありません: { $words }。{ $owner } を変更できるアカウントで kinit を実行してチケットを取得し、klist で確認してください。サーバー名はサービス プリンシパル (DNS/名前) の名前と一致する必要があります。
publish-ticket-refused = { $domain }: { $server } はこの Kerberos チケットで鍵を取り決めません ({ $words })。サーバーには DNS/名前 のための自身の鍵が必要で (BIND では tkey-gssapi-keytab)、双方の時計の差は 5 分以内でなければなりません。
publish-no-kerberos = --gss-tsig: この kmscope は Kerberos なしでビルドされています。cargo build --release --features gss-tsig でビルドするか (libkrb5-dev と libclang-dev が必要)、--tsig で署名してください。
publish-refused = { $domain }: { $server } が REFUSED を返しました: ポリシーにより、この送信者は { $owner } を変更できません。BIND ではキーにこの名前を許可してください (行は kmscope dns record が表示します)。Microsoft DNS ではレコードの所有者が別のアカウントです。削除するか、権限を与えてください。署名のない更新には --tsig または --gss-tsig が必要です。
publish-notauth = { $domain }: { $server } が NOTAUTH を返しました: ゾーンのプライマリ サーバーではありません。SOA レコードの MNAME を確認し、プライマリを --nameserver で指定してください。
publish-badkey = { $domain }: { $server } が BADKEY を返しました: この名前とアルゴリズムのキーはありません。サーバーの key 句と比べてください。
publish-badsig = { $domain }: { $server } が BADSIG を返しました: キーの名前はありますが、シークレットが異なります。シークレットをコピーし直してください。
publish-badtime = { $domain }: { $server } が BADTIME を返しました: 時計の差が 5 分を超えています (サーバーが { $words } 秒進んでいます)。このコンピューターの時計を合わせてください。
publish-notzone = { $domain }: { $server } が NOTZONE を返しました: 変更する名前がゾーンの外にあります。
publish-changed = { $domain }: 別の書き込みが同時に { $owner } を何度も変更しました。何も変更していません。もう一度実行してください。
publish-unverified = { $domain }: { $server } は更新を受け付けましたが、応答の署名が正しくありません ({ $words })。レコードを確認してください。
publish-code = { $domain }: { $server } の応答: { $words }。
record-bind = BIND: ゾーン ファイルのレコードと、1 つのキーにこの名前だけの変更を許可するポリシー
record-bind-why = allow-update に any を指定すると、サーバーに届くすべてのコンピューターがゾーンのすべての名前を変更できてしまいます。
record-microsoft = Microsoft DNS: PowerShell または dnscmd
record-azure = Azure プライベート DNS: az コマンド
record-dnsmasq = dnsmasq: 構成の 1 行
