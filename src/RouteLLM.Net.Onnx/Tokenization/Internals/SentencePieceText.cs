using System.Buffers.Binary;
using System.Text;

namespace RouteLLM.Onnx;

/// <summary>Normalizes text as SentencePiece does: characters replaced by the model's table, white space runs made one, a space in front, and spaces written as U+2581.</summary>
/// <remarks>
/// Own code, since the normalizer of Microsoft.ML.Tokenizers 2.0.1 keeps characters that the table replaces by nothing, control characters among them. After SentencePiece's normalizer.cc; the table is a double-array trie
/// (Darts-clone) over UTF-8, whose values point to texts that end in a zero byte.
/// </remarks>
internal sealed class SentencePieceText
{
    private const char Space = '\u2581';

    private readonly uint[] _trie;
    private readonly byte[] _texts;
    private readonly bool _addDummyPrefix;
    private readonly bool _removeExtraWhiteSpace;

    /// <exception cref="InvalidDataException">The table is damaged.</exception>
    public SentencePieceText(SentencePieceModel model)
    {
        _addDummyPrefix = model.AddDummyPrefix;
        _removeExtraWhiteSpace = model.RemoveExtraWhiteSpace;
        ReadOnlySpan<byte> map = model.CharacterMap;
        if (map.IsEmpty)
        {
            _trie = [];
            _texts = [];
            return;
        }

        int size = map.Length < sizeof(uint) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(map);
        if (size < sizeof(uint) || size % sizeof(uint) != 0 || size > map.Length - sizeof(uint))
        {
            throw new InvalidDataException("its table of characters is damaged");
        }

        _trie = new uint[size / sizeof(uint)];
        for (int i = 0; i < _trie.Length; i++)
        {
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(map[(sizeof(uint) * (i + 1))..]);
        }

        // A text that its end byte is missing from would run over the end.
        _texts = [.. map[(sizeof(uint) + size)..], 0];
    }

    public string Normalize(ReadOnlySpan<char> text)
    {
        // A half surrogate becomes U+FFFD, as bytes that are no UTF-8 do in the original.
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        ReadOnlySpan<byte> rest = utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, utf8));
        List<byte> result = new(rest.Length + 1);
        bool afterSpace = _removeExtraWhiteSpace;
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> piece = Replace(rest, out int consumed);
            rest = rest[consumed..];
            while (afterSpace && !piece.IsEmpty && piece[0] == ' ')
            {
                piece = piece[1..];
            }

            if (!piece.IsEmpty)
            {
                result.AddRange(piece);
                afterSpace = _removeExtraWhiteSpace && piece[^1] == ' ';
            }
        }

        while (_removeExtraWhiteSpace && result.Count > 0 && result[^1] == ' ')
        {
            result.RemoveAt(result.Count - 1);
        }

        return result.Count == 0 ? "" : (_addDummyPrefix ? Space.ToString() : "") + Encoding.UTF8.GetString([.. result]).Replace(' ', Space);
    }

    /// <summary>Gives what the longest text that the table knows, or else the first character, becomes.</summary>
    private ReadOnlySpan<byte> Replace(ReadOnlySpan<byte> text, out int consumed)
    {
        int longest = 0, value = 0;
        if (_trie.Length > 0)
        {
            uint node = Offset(_trie[0]);
            for (int i = 0; i < text.Length; i++)
            {
                node ^= text[i];
                if (node >= _trie.Length || Label(_trie[node]) != text[i])
                {
                    break;
                }

                uint unit = _trie[node];
                node ^= Offset(unit);
                if (HasLeaf(unit) && node < _trie.Length)
                {
                    longest = i + 1;
                    value = (int)(_trie[node] & int.MaxValue);
                }
            }
        }

        if (longest == 0 || value >= _texts.Length)
        {
            Rune.DecodeFromUtf8(text, out _, out consumed);
            return text[..consumed];
        }

        consumed = longest;
        ReadOnlySpan<byte> replaced = _texts.AsSpan(value);
        return replaced[..replaced.IndexOf((byte)0)];
    }

    private static bool HasLeaf(uint unit) => (unit >> 8 & 1) == 1;

    private static uint Label(uint unit) => unit & (1u << 31 | 0xFF);

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1u << 9) >> 6);
}
