note-label-guessed = The display language is not known; these lines were read by the shape of their values: { $lines }.
note-license-without-key = { $count ->
    [one] One product without a key was left out; it was never in use.
   *[other] { $count } products without a key were left out; they were never in use.
}
