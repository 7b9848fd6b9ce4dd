namespace RouteLLM.Onnx;

/// <summary>The pieces of WordPiece, those that begin a word apart from those that go on.</summary>
internal sealed class WordPieceVocabulary
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _beginnings;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;
    private readonly int _unknownId;
    private readonly int _longestWord;

    /// <param name="pieces">Every piece with its id.</param>
    /// <param name="continuation">What pieces that go on begin with.</param>
    /// <param name="unknownId">The id of a word that no pieces make.</param>
    /// <param name="longestWord">How many characters a word has at most that is looked at.</param>
    public WordPieceVocabulary(IEnumerable<KeyValuePair<string, int>> pieces, string continuation, int unknownId, int longestWord)
    {
        Dictionary<string, int> beginnings = [], continuations = [];
        foreach ((string piece, int id) in pieces)
        {
            LargestId = Math.Max(LargestId, id);
            beginnings[piece] = id;
            if (piece.StartsWith(continuation, StringComparison.Ordinal))
            {
                continuations[piece[continuation.Length..]] = id;
            }
        }

        _beginnings = beginnings.GetAlternateLookup<ReadOnlySpan<char>>();
        _continuations = continuations.GetAlternateLookup<ReadOnlySpan<char>>();
        _unknownId = unknownId;
        _longestWord = longestWord;
    }

    /// <summary>Gets the largest id of a piece.</summary>
    public int LargestId { get; }

    /// <summary>Adds the ids of a word's pieces, or the unknown one if no pieces make it up.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> ids)
    {
        int first = ids.Count;
        if (CountCharacters(word) > _longestWord)
        {
            ids.Add(_unknownId);
            return;
        }

        for (int start = 0; start < word.Length;)
        {
            int end = word.Length;
            int id = -1;
            while (end > start && !(start == 0 ? _beginnings : _continuations).TryGetValue(word[start..end], out id))
            {
                end--;
            }

            if (end == start)
            {
                ids.RemoveRange(first, ids.Count - first);
                ids.Add(_unknownId);
                return;
            }

            ids.Add(id);
            start = end;
        }
    }

    private static int CountCharacters(ReadOnlySpan<char> word)
    {
        int count = 0;
        foreach (char c in word)
        {
            count += char.IsLowSurrogate(c) ? 0 : 1;
        }

        return count;
    }
}
