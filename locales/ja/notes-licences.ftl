note-label-guessed = 表示言語が不明なため、次の行は値の形から読み取りました: { $lines }。
note-license-without-key = プロダクト キーのない未使用の製品 { $count } 件を省きました。
