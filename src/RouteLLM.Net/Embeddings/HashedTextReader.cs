using System.Globalization;
using System.Numerics;

namespace RouteLLM;

/// <summary>Reads text as tokens and hands their features to a sink.</summary>
/// <remarks>
/// The code is compiled for each sink (a structure) on its own, so what only a sink that traces wants to know, such as which tokens a feature is made of, costs nothing where nobody wants it.
/// A new feature is one call of the sink, and is thereby explained too.
/// </remarks>
internal ref struct HashedTextReader<TSink>(TSink sink)
    where TSink : IHashedFeatureSink, allows ref struct
{
    private const uint Prime = 0x01000193;
    private const int EndTokens = 4;
    private const int BeginningTokens = 16;
    private const ulong SubwordMask = (1UL << (12 * HashedTextFeatures.SubwordLength)) - 1;

    private TSink _sink = sink;

    // The latest token and the first two; 0 stands for none.
    private uint _last;
    private uint _first1;
    private uint _first2;
    private int _tokens;

    // The latest run of Han characters: Japanese ends in the verb that says what is wanted, and hiragana endings after it.
    private uint _hanRun;
    private int _hanStart;
    private int _hanLength;
    private bool _inHanRun;

    private int _unspaced;
    private int _lines = 1;
    private int _questions;
    private int _digitRuns;
    private int _options;
    private int _sentences;
    private int _braces;
    private int _formulas;
    private int _codeMarks;
    private bool _fence;
    private bool _lineStart = true;

    private enum Kind : byte
    {
        Space,
        Letter,
        Digit,
        Symbol,
        Unspaced,
    }

    /// <summary>Reads a part of the text.</summary>
    /// <param name="text">The part.</param>
    /// <param name="offset">Where it begins in the whole.</param>
    public void Read(ReadOnlySpan<char> text, int offset)
    {
        bool inDigits = false;
        for (int i = 0; i < text.Length;)
        {
            char c = Fold(text[i]);
            Kind kind = Classify(c);
            if (kind != Kind.Digit)
            {
                inDigits = false;
            }

            switch (kind)
            {
                case Kind.Space:
                    if (c == '\n')
                    {
                        _lines++;
                        _lineStart = true;
                    }

                    i++;
                    continue;
                case Kind.Letter:
                    int start = i;
                    uint hash = ReadWord(text, ref i);
                    if (_lineStart && i - start == 1 && i < text.Length && text[i] is '.' or ')' or ':')
                    {
                        _options++;
                    }

                    _sink.BeginToken(offset + start, i - start);
                    AddToken(hash);
                    break;
                case Kind.Digit:
                    if (!inDigits)
                    {
                        _digitRuns++;
                        inDigits = true;
                    }

                    _sink.BeginToken(offset + i, 1);
                    AddToken((uint)CharUnicodeInfo.GetDecimalDigitValue(c) + '0');
                    i++;
                    break;
                case Kind.Symbol:
                    int length = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
                    _sink.BeginToken(offset + i, length);
                    AddSymbol(text, i, c);
                    i += length;
                    break;
                default:
                    _sink.BeginToken(offset + i, 1);
                    AddUnspaced(c);
                    i++;
                    break;
            }

            _lineStart = false;
        }
    }

    /// <summary>Notes that some text is left out here, so that what stands before and after it are no neighbours.</summary>
    public void Skip()
    {
        _last = 0;
        _inHanRun = false;
    }

    public int Complete(int length)
    {
        _sink.AddEnd(0x1000_0001 ^ _first1, 0, Math.Min(_tokens, 1), "starts with");
        _sink.AddEnd(Combine(Combine(_first1, _first2), 0x1000_0002), 0, Math.Min(_tokens, 2), "starts with");
        _sink.AddEnd(0x1000_0004 ^ _last, Math.Max(_tokens - 1, 0), Math.Min(_tokens, 1), "ends with");
        if (_hanRun != 0)
        {
            _sink.AddEnd(Combine(_hanRun, 0x1000_0005), _hanStart, _hanLength, "last characters");
        }

        // A character of a script without spaces says about as much as two or three letters.
        _sink.AddShape(Math.Min(LogSteps(length), 18), "length", length);
        _sink.AddShape(20 + Math.Min(LogSteps(length + (2 * _unspaced)), 19), "length as letters", length + (2 * _unspaced));
        _sink.AddShape(40 + Math.Min(LogSteps(_lines), 11), "lines", _lines);
        _sink.AddShape(52 + Math.Min(_questions, 3), "question marks", _questions);
        _sink.AddShape(56 + Math.Min(LogSteps(_digitRuns + 1), 7), "numbers", _digitRuns);
        _sink.AddShape(64 + Math.Min(_options, 5), "lettered options", _options);
        _sink.AddShape(70 + Math.Min(LogSteps(_sentences + 1), 7), "ends of sentences", _sentences);
        _sink.AddShape(78 + (_fence ? 1 : 0), "fenced code", _fence ? 1 : 0);
        _sink.AddShape(80 + Math.Min(LogSteps(_braces + 1), 3), "braces", _braces);
        _sink.AddShape(84 + Math.Min(LogSteps(_codeMarks + 1), 5), "signs of code", _codeMarks);
        _sink.AddShape(90 + Math.Min(LogSteps(_formulas + 1), 3), "signs of formulas", _formulas);
        return _sink.Complete();
    }

    /// <summary>Counts in steps of two thirds of an octave: floor(1.5 log2 n), and 0 for 0.</summary>
    private static int LogSteps(int n)
    {
        if (n < 1)
        {
            return 0;
        }

        int octave = BitOperations.Log2((uint)n);
        long square = (long)n * n;
        int steps = 3 * octave / 2;

        // The next step is reached when n^2 >= 2^(4/3 (steps + 1)), that is n^6 >= 2^(4 (steps + 1)); in doubles, exact enough by far.
        double n6 = (double)square * square * square;
        while (n6 >= Math.ScaleB(1, 4 * (steps + 1)))
        {
            steps++;
        }

        return steps;
    }

    private static char Fold(char c) => c switch
    {
        < '\u2018' => c,
        '\u2018' or '\u2019' => '\'',
        '\u201C' or '\u201D' => '"',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        '\u3002' => '.',
        '\u3001' => ',',
        _ => c,
    };

    private static uint Lower(char c) => c < 128 ? c | 0x20u : char.ToLowerInvariant(c);

    private static uint Combine(uint first, uint second) => (BitOperations.RotateLeft(first, 15) * 0x9E3779B1) + second;

    private static Kind Classify(char c)
    {
        if (c < 128)
        {
            return char.IsAsciiLetter(c) ? Kind.Letter : c <= ' ' || c == 127 ? Kind.Space : char.IsAsciiDigit(c) ? Kind.Digit : Kind.Symbol;
        }

        if (c is (>= '\u30A1' and <= '\u30FA') or (>= '\u30FC' and <= '\u30FE'))
        {
            return Kind.Letter;
        }

        if (c is (>= '\u3040' and <= '\u9FFF' and not '\u30FB') or (>= '\uAC00' and <= '\uD7AF') or (>= '\u0E00' and <= '\u0EFF') or (>= '\u1000' and <= '\u109F')
            or (>= '\u1780' and <= '\u17FF') or (>= '\u2E80' and <= '\u2FDF') or '\u3005' or '\u3006' or '\u3007' or (>= '\uF900' and <= '\uFAFF'))
        {
            return Kind.Unspaced;
        }

        return CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            <= UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber => Kind.Digit,
            UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control or UnicodeCategory.Format => Kind.Space,
            _ => Kind.Symbol,
        };
    }

    private uint ReadWord(ReadOnlySpan<char> text, ref int i)
    {
        uint hash = Prime;
        int start = i;

        // The latest characters, twelve bits each, after a sign for the beginning.
        ulong window = '<';
        for (; i < text.Length; i++)
        {
            // Most letters are ASCII and need no look-up.
            uint lower = text[i] | 0x20u;
            if (lower - 'a' > 'z' - 'a')
            {
                char c = Fold(text[i]);
                if (c < 128 ? !char.IsAsciiLetter(c) : Classify(c) != Kind.Letter)
                {
                    break;
                }

                lower = Lower(c);
            }

            hash = (hash ^ lower) * Prime;
            window = ((window << 12) | (lower & 0xFFF)) & SubwordMask;
            if (i - start >= HashedTextFeatures.SubwordLength - 2)
            {
                AddSubword(window, i - start + 1 - HashedTextFeatures.SubwordLength);
            }
        }

        // A word that is as short as a subword without its end has only one, and that is the word.
        if (i - start >= HashedTextFeatures.SubwordLength - 1)
        {
            AddSubword(((window << 12) | '>') & SubwordMask, i - start + 1 - HashedTextFeatures.SubwordLength);
        }

        return hash;
    }

    private void AddSubword(ulong window, int start) => _sink.AddSubword((uint)((window * 0x9E3779B97F4A7C15) >> 32), _tokens, start);

    private void AddSymbol(ReadOnlySpan<char> text, int i, char c)
    {
        uint hash = c;
        if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
        {
            hash = (uint)char.ConvertToUtf32(c, text[i + 1]);
        }

        switch (c)
        {
            case '?' or '\u061F':
                _questions++;
                _sentences++;
                break;
            case '.' or '!' or '\u0964':
                _sentences++;
                break;
            case '{' or '}':
                _braces++;
                break;
            case ';' or '=' or '_' or '<' or '>' or '[' or '|':
                _codeMarks++;
                break;
            case '$' or '\\' or '^':
                _formulas++;
                break;
            case '`':
                _codeMarks++;
                _fence |= i + 2 < text.Length && text[i + 1] == '`' && text[i + 2] == '`';
                break;
        }

        AddToken(hash);
    }

    private void AddUnspaced(char c)
    {
        _unspaced++;
        bool isHan = c >= '\u3400';
        bool continues = isHan && _inHanRun;
        AddToken(c, isWord: c is < '\u3040' or > '\u309F');
        if (isHan)
        {
            _hanRun = continues ? Combine(_hanRun, c) : c;
            _hanLength = continues ? _hanLength + 1 : 1;
            _hanStart = _tokens - _hanLength;
            _inHanRun = true;
        }
    }

    private void AddToken(uint token, bool isWord = true)
    {
        if (isWord)
        {
            _sink.AddBody(token, _tokens, 1);
        }

        if (_last != 0)
        {
            _sink.AddBody(Combine(_last, token), _tokens - 1, 2);
        }

        if (_tokens < EndTokens)
        {
            _sink.AddEnd(0x1000_0000 ^ token, _tokens, 1, "early");
            if (_tokens == 0)
            {
                _first1 = token;
            }
            else if (_tokens == 1)
            {
                _first2 = token;
            }
        }

        if (_tokens < BeginningTokens)
        {
            _sink.AddEnd(Combine(token, 0x1000_0006), _tokens, 1, "beginning");
            if (_last != 0)
            {
                _sink.AddEnd(Combine(Combine(_last, token), 0x1000_0007), _tokens - 1, 2, "beginning");
            }
        }

        _tokens++;
        _inHanRun = false;
        _last = token;
    }
}
