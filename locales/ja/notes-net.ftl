### DNS とネットワークの出力を読むリーダーの注記。

note-nslookup-no-default-server = nslookup によると、このコンピューターには問い合わせ先の DNS サーバーがありません。
note-named-conf-update = ゾーン { $zone } の更新許可は次のとおりです: { $policy }。
