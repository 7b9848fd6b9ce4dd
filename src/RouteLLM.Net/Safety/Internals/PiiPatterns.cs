using System.Net;
using System.Text.RegularExpressions;

namespace RouteLLM.Internals;

/// <summary>The patterns of <see cref="RegexPiiClassifier"/>, and the checks of what they match.</summary>
internal static partial class PiiPatterns
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const int TimeoutMilliseconds = 1000;

    // A kind per entry; what is before or after a match must not make it part of a longer number or word.
    public static (string Kind, Regex Pattern, Func<string, bool>? IsValid)[] All { get; } =
    [
        ("email", Email(), null),
        ("phone", Phone(), HasDigitsOfPhone),
        ("credit-card", CreditCard(), PassesLuhn),
        ("iban", Iban(), PassesIso7064),
        ("us-ssn", Ssn(), null),
        ("uk-nino", Nino(), null),
        ("jp-my-number", MyNumber(), PassesMyNumber),
        ("ip-address", IpAddress(), static text => IPAddress.TryParse(text, out _)),
        ("birth-date", BirthDate(), null),
        ("passport", Passport(), null),
        ("secret", Secret(), null),
    ];

    [GeneratedRegex(@"(?<![\w.+-])[\w][\w.+%'-]{0,63}@([\w](-?[\w]){0,62}\.){1,8}\p{L}{2,24}(?![\w-])", Options, TimeoutMilliseconds)]
    private static partial Regex Email();

    [GeneratedRegex(
        @"(?<![A-Za-z0-9_.+/-]|\d )(\+\d{1,3}[ .-]?(\(0?\d{1,4}\)[ .-]?)?\d{1,4}([ .-]?\d{2,4}){1,4}|(\+?1[ .-])?(\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])[2-9]\d{2}[ .-]\d{4}|0\d{1,4}-\d{1,4}-\d{4}|0\d{2,4} \d{3,4} \d{3,4}|0[1-9]( \d{2}){4}|07\d{9}|" +
        @"(?<=\b(phone|tel|telephone|mobile|cell|call( me)?( at| on)?|電話(番号)?|携帯|电话|手机|전화|telefon(nummer)?|téléphone|teléfono)\.?( number| no\.?)?( is| are|は)?[:：]? {0,2})\d[\d .()-]{5,16}\d)(?![\d-]|\.\d)",
        Options | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex Phone();

    [GeneratedRegex(@"(?<![\w-]|\d\.)[2-6]\d{3}([ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-]|\.\d)|(?<![\w-])3[47]\d{2}[ -]?\d{6}[ -]?\d{5}(?![\w-])", Options, TimeoutMilliseconds)]
    private static partial Regex CreditCard();

    [GeneratedRegex(@"(?<!\w)[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?(?!\w)", Options | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex Iban();

    [GeneratedRegex(@"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])|(?<=\b(ssn|social security)( number| no\.?)?( is)?[: ]{1,2})(?!000|666|9)\d{3} ?(?!00)\d{2} ?(?!0000)\d{4}(?!\w)", Options | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex Ssn();

    [GeneratedRegex(@"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)", Options, TimeoutMilliseconds)]
    private static partial Regex Nino();

    [GeneratedRegex(@"(?<![A-Za-z0-9_-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![\d-]| \d)", Options, TimeoutMilliseconds)]
    private static partial Regex MyNumber();

    [GeneratedRegex(@"(?<![\w.:]|version |v\. )((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]\w)|(?<![\w:.])([0-9a-f]{1,4}:){2,7}(:?[0-9a-f]{1,4}){1,6}(?![\w:])", Options | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex IpAddress();

    [GeneratedRegex(
        @"(?<=\b(born( on)?|date of birth|birth ?date|dob|birthday( is)?|生年月日|geboren( am)?|née? le|nacid[oa] el)(は| is)?[:： ]{0,3})(\d{1,2}[./ -](\d{1,2}|[a-z]{3,9})[./ -]\d{2,4}|\d{4}[./年-]\d{1,2}[./月-]\d{1,2}|[a-z]{3,9}\.? \d{1,2}(st|nd|rd|th)?,? \d{4}|\d{1,2}(st|nd|rd|th)? (of )?[a-z]{3,9},? \d{4})",
        Options | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex BirthDate();

    [GeneratedRegex(@"(?<=\b(passport|reisepass|passeport|pasaporte|旅券番号|パスポート(番号)?|护照(号码?)?)( number| no\.?| nr\.?| #)?( is|は)?[:： ]{0,3})(?=[a-z0-9]*\d{2})[a-z0-9]{7,9}(?![A-Za-z0-9_])", Options | RegexOptions.IgnoreCase, TimeoutMilliseconds)]
    private static partial Regex Passport();

    [GeneratedRegex(
        @"(?<!\w)(sk-[\w-]{20,200}|sk_(live|test)_\w{16,99}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36,255}|github_pat_\w{22,255}|xox[abprs]-[\w-]{10,250}|AIza[\w-]{35}|glpat-[\w-]{20}|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,500}|-----BEGIN ([A-Z]+ ){0,3}PRIVATE KEY-----|" +
        @"(?i:(password|passwd|pwd|passwort|api[_-]?key|secret|access[_-]?token)['""]?( is)? ?[:=] ?['""]?(?=\S*[\d\W])[^\s'"",;<>{}()\[\]]{6,100}))",
        Options, TimeoutMilliseconds)]
    private static partial Regex Secret();

    private static string DigitsOf(string text) => string.Concat(text.Where(char.IsAsciiDigit));

    // A number with its area code, 0 in front, has at least ten digits.
    private static bool HasDigitsOfPhone(string text) => DigitsOf(text).Length is >= 7 and <= 15 and var digits && (text[0] != '0' || digits >= 10);

    private static bool PassesLuhn(string text)
    {
        string digits = DigitsOf(text);
        int sum = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            int digit = digits[^(i + 1)] - '0';
            sum += i % 2 == 0 ? digit : digit > 4 ? (2 * digit) - 9 : 2 * digit;
        }

        return digits.Length is >= 13 and <= 19 && sum % 10 == 0;
    }

    // The country and the check digits go to the end, letters count from 10, and the number is 1 modulo 97.
    private static bool PassesIso7064(string text)
    {
        string compact = text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        int remainder = 0;
        foreach (char c in compact[4..] + compact[..4])
        {
            remainder = char.IsAsciiDigit(c) ? ((remainder * 10) + (c - '0')) % 97 : ((remainder * 100) + (c - 'A' + 10)) % 97;
        }

        return compact.Length is >= 15 and <= 34 && remainder == 1;
    }

    // 11 - (sum of digits weighed 2 to 7 and 2 to 6 from the right, modulo 11), or 0 where that is more than 9.
    private static bool PassesMyNumber(string text)
    {
        string digits = DigitsOf(text);
        int sum = 0;
        for (int i = 1; i <= 11; i++)
        {
            sum += (digits[11 - i] - '0') * (i <= 6 ? i + 1 : i - 5);
        }

        int rest = sum % 11;
        return digits[11] - '0' == (rest <= 1 ? 0 : 11 - rest);
    }
}
