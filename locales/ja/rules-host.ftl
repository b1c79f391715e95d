### ルール 4xx の文: KMS ホストとそのカウント。

## K401: ホストがライセンス認証されていない

K401-title = KMS ホスト自体がライセンス認証されていません
K401-checked = KMS ホスト自体のライセンス認証
K401-summary-by-host = { $host-given ->
    [no] このコンピューターには
   *[yes] { $host } には
  } KMS ホスト キーがありますが、ライセンスの状態が「ライセンスされています」ではありません。KMS ホストは、一度 Microsoft でライセンス認証を受ける必要があり、それまではどのクライアントも認証しません。
K401-summary-by-client = クライアントは、接続した KMS ホストがライセンス認証されていないという応答を受け取りました (0xC004F041)。KMS ホストは、一度 Microsoft でライセンス認証を受ける必要があり、それまではどのクライアントも認証しません。
K401-remedy-activate-online = KMS ホストをインターネット経由でライセンス認証する
K401-remedy-activate-by-telephone = KMS ホストを電話でライセンス認証する
K401-missing = KMS ホストのライセンスの状態の情報がありません。

## K402: サービスが実行されていない

K402-title = KMS ホストの Software Protection サービスが実行されていません
K402-checked = KMS ホストの Software Protection サービス
K402-summary-stopped = { $host-given ->
    [no] KMS ホストの
   *[yes] { $host } の
  } Software Protection サービス (sppsvc) が停止しています。停止している間は KMS ポートで待ち受けるものがなく、クライアントの接続は失敗します。クライアントではこのサービスが自動的に停止するのは正常ですが、KMS ホストでは実行されている必要があります。
K402-summary-disabled = { $host-given ->
    [no] KMS ホストの
   *[yes] { $host } の
  } Software Protection サービス (sppsvc) が無効になっているため、開始されません。KMS ポートで待ち受けるものがなく、クライアントの接続は失敗します。
K402-summary-failed = { $host-given ->
    [no] KMS ホストに
   *[yes] { $host } に
  }イベント 12291 または 12292 が記録されています。キー管理サービスまたはそのタイマーを初期化できませんでした。この状態のホストはクライアントに応答しません。
K402-remedy-start = サービスを開始し、スタートアップの種類を自動 (遅延開始) に戻す
K402-missing = KMS ホストの Software Protection サービスの状態の情報がありません。

## K403: ホスト キーまたは更新プログラムが古い

K403-title = KMS ホストがクライアントの製品に対応していません
K403-checked = KMS ホスト キーおよび更新プログラムとクライアントの製品の対応
K403-summary = KMS ホストは応答しますが、ホスト キーまたは更新プログラムが要求元の製品に対応していないことを示すコードで拒否しています{ $clients ->
    [0] 。
   *[other] {""} (確認されたクライアントは { $clients } 台)。
  }ホスト キーの製品グループが古いか異なるか、新しい製品に対応する更新プログラムがホストに適用されていません。クライアントが本来の接続先ではないホストに接続した場合も、同じコードになります。
K403-summary-named = KMS ホストは応答しますが、ホスト キーまたは更新プログラムが要求元の製品に対応していないことを示すコードで拒否しています。ホストのチャネルは { $channel }、クライアントの製品は { $product } です。ホスト キーの製品グループが古いか異なるか、新しい製品に対応する更新プログラムがホストに適用されていません。
K403-remedy-update-host = KMS ホストに最新の更新プログラムを適用する
K403-remedy-new-host-key = 製品に対応する KMS ホスト キーをインストールし、ライセンス認証する
K403-remedy-other-host = 製品に対応する KMS ホストにクライアントを接続させる
K403-missing = ホストのキーと更新プログラムの情報も、クライアントへのホストの応答もありません。

## K404: カウントの不足

K404-title = KMS ホストのカウントが不足しています
K404-checked = KMS ホストのカウントとクライアントの必要数
K404-summary-numbers = KMS ホストのカウントは { $count } で、必要数は { $needed } です。Windows クライアントには 25、Windows Server と Office には 5 のカウントが必要です。ホストは機能しており、30 日以内に十分な数の異なるコンピューターから要求があれば、ライセンス認証を行います。
K404-summary-count = KMS ホストのカウントは { $count } で、不足しています。Windows クライアントには 25、Windows Server と Office には 5 のカウントが必要です。ホストは機能しており、30 日以内に十分な数の異なるコンピューターから要求があれば、ライセンス認証を行います。
K404-summary-code = KMS ホストは、カウントが不足していると応答しました (0xC004F038)。Windows クライアントには 25、Windows Server と Office には 5 のカウントが必要です。ホストは機能しており、30 日以内に十分な数の異なるコンピューターから要求があれば、ライセンス認証を行います。
K404-remedy-look-at-host = KMS ホストのカウントとログを確認する
K404-remedy-more-machines = ほかのコンピューターからも要求を送る
K404-remedy-other-method = 台数が足りない場合は MAK または Active Directory によるライセンス認証を使う
K404-missing = KMS ホストのカウントも、クライアントへの応答もありません。

## K405: CMID の共有

K405-title = 複数のコンピューターが同じクライアント コンピューター ID (CMID) を共有しています
K405-checked = 複数のコンピューターが共有するクライアント コンピューター ID (CMID)
K405-summary = { $machines } 台のコンピューターが、同じクライアント コンピューター ID { $cmid } を送信しています。KMS ホストはこの ID で数えるため、これらを 1 台とみなし、カウントは実際の台数より最大で { $lost } 少なくなります。一般化されていないイメージから複製したコンピューターは、同じ ID になります。
K405-summary-several = { $cmids } 個のクライアント コンピューター ID が、それぞれ複数のコンピューターで共有されています。{ $cmid } だけで { $machines } 台です。KMS ホストはこの ID で数えるため、カウントは実際の台数より最大で { $lost } 少なくなります。一般化されていないイメージから複製したコンピューターは、同じ ID になります。
K405-remedy-rearm = 1 台を除くすべての複製で、ライセンスの状態をリセットする
K405-remedy-generalize-image = SkipRearm を使わずに、Sysprep でイメージを一般化する
K405-missing = クライアント コンピューター ID の情報がありません。KMS ホストのログも、クライアントの出力もありません。

## K406: 複数のホスト

K406-title = カウントが { $hosts } 台の KMS ホストに分散しています
K406-checked = 要求を分け合う KMS ホストの数
K406-summary = KMS ホストどうしはカウントを共有しません。{ $hosts } 台のホストのカウントはいずれも { $needed } 未満 ({ $counts }) ですが、合計は { $sum } です。クライアントは DNS にあるすべてのホストに分散するため、どのホストも必要数に達しません。
K406-remedy-one-record = DNS に残す KMS ホストを 1 台にする
K406-remedy-retire-host = 余分なホストを KMS クライアントに戻す
K406-remedy-forget-cached-host = クライアントのキャッシュにある KMS ホストを消去する
K406-missing = KMS ホストのカウント、またはホストを示すレコードの情報がありません。
