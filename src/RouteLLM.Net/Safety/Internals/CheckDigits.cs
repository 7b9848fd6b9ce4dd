namespace RouteLLM.Internals;

/// <summary>Verifies the check digits of account, card and identity numbers, so that other long numbers are not taken for them. What is no digit or letter is skipped.</summary>
internal static class CheckDigits
{
    private const string DniLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
    private const string CodiceFiscaleOdd = "BAKPLCQDREVOSFTGUHMINJWZYX";

    public static int Count(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (char c in text)
        {
            count += char.IsAsciiDigit(c) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Luhn's algorithm, of payment cards; digits that are all the same do not pass.</summary>
    public static bool IsLuhn(ReadOnlySpan<char> text)
    {
        int sum = 0, count = 0, last = -1;
        bool allSame = true;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                int digit = text[i] - '0';
                allSame &= last < 0 || digit == last;
                last = digit;
                int weighed = count++ % 2 == 0 ? digit : 2 * digit;
                sum += weighed > 9 ? weighed - 9 : weighed;
            }
        }

        return count > 0 && sum % 10 == 0 && !allSame;
    }

    /// <summary>ISO 7064 MOD 97-10 with the first four characters moved to the end, of an IBAN.</summary>
    public static bool IsIban(ReadOnlySpan<char> text)
    {
        Span<char> plain = stackalloc char[34];
        int length = 0;
        foreach (char c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                if (length == plain.Length)
                {
                    return false;
                }

                plain[length++] = char.ToUpperInvariant(c);
            }
        }

        if (length < 15)
        {
            return false;
        }

        int remainder = 0;
        for (int i = 0; i < length; i++)
        {
            char c = plain[(i + 4) % length];
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + c - '0') % 97 : ((remainder * 100) + c - 'A' + 10) % 97;
        }

        return remainder == 1;
    }

    /// <summary>EAN-13, of Swiss social-security numbers.</summary>
    public static bool IsEan13(ReadOnlySpan<char> text)
    {
        int sum = 0, count = 0;
        foreach (char c in text)
        {
            sum += char.IsAsciiDigit(c) ? (c - '0') * (count++ % 2 == 0 ? 1 : 3) : 0;
        }

        return count == 13 && sum % 10 == 0;
    }

    /// <summary>The letter of a Spanish DNI or NIE.</summary>
    public static bool IsDni(ReadOnlySpan<char> text)
    {
        int number = text[0] switch { 'X' => 0, 'Y' => 1, 'Z' => 2, char c => c - '0' };
        foreach (char c in text[1..^1])
        {
            number = char.IsAsciiDigit(c) ? (number * 10) + c - '0' : number;
        }

        return DniLetters[number % DniLetters.Length] == text[^1];
    }

    /// <summary>97 less the remainder of the number, of a French social-security number.</summary>
    public static bool IsNir(ReadOnlySpan<char> text)
    {
        long number = 0;
        foreach (char c in text)
        {
            number = char.IsAsciiDigit(c) ? (number * 10) + c - '0' : number;
        }

        return 97 - (number / 100 % 97) == number % 100;
    }

    /// <summary>The two check digits of a Brazilian CPF.</summary>
    public static bool IsCpf(ReadOnlySpan<char> text)
    {
        Span<int> digits = stackalloc int[11];
        return TryRead(text, digits) && Check(digits[..9]) == digits[9] && Check(digits[..10]) == digits[10];

        static int Check(ReadOnlySpan<int> digits)
        {
            int sum = 0;
            for (int i = 0; i < digits.Length; i++)
            {
                sum += digits[i] * (digits.Length + 1 - i);
            }

            return sum * 10 % 11 % 10;
        }
    }

    /// <summary>Of a Japanese My Number: 11 less the digits weighed 2 to 7 and 2 to 6 from the right, modulo 11, or 0 where that is more than 9.</summary>
    public static bool IsMyNumber(ReadOnlySpan<char> text)
    {
        Span<int> digits = stackalloc int[12];
        if (!TryRead(text, digits))
        {
            return false;
        }

        int sum = 0;
        for (int i = 1; i <= 11; i++)
        {
            sum += digits[11 - i] * (i <= 6 ? i + 1 : i - 5);
        }

        int rest = sum % 11;
        return digits[11] == (rest <= 1 ? 0 : 11 - rest);
    }

    /// <summary>The last letter of an Italian codice fiscale.</summary>
    public static bool IsCodiceFiscale(ReadOnlySpan<char> text)
    {
        int sum = 0;
        for (int i = 0; i < 15; i++)
        {
            char c = char.ToUpperInvariant(text[i]);
            int value = char.IsAsciiDigit(c) ? c - '0' : c - 'A';

            // Places count from 1: the first is odd.
            sum += i % 2 == 0 ? CodiceFiscaleOdd.IndexOf((char)('A' + value), StringComparison.Ordinal) : value;
        }

        return sum % 26 == char.ToUpperInvariant(text[15]) - 'A';
    }

    private static bool TryRead(ReadOnlySpan<char> text, Span<int> digits)
    {
        if (Count(text) != digits.Length)
        {
            return false;
        }

        int count = 0;
        foreach (char c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                digits[count++] = c - '0';
            }
        }

        return true;
    }
}
