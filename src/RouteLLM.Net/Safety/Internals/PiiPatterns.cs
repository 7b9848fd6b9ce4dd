using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace RouteLLM.Internals;

/// <summary>The patterns of <see cref="RegexPiiClassifier"/>, and what else a match has to satisfy.</summary>
/// <remarks>No quantifier is unbounded, so that a text costs time in proportion to its length; the time limit is a last resort.</remarks>
internal static partial class PiiPatterns
{
    private const RegexOptions Any = RegexOptions.CultureInvariant;
    private const RegexOptions AnyCase = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;
    private const int Timeout = 1_000;

    // Nobody born before 1900 is alive.
    private const string Year = @"(?:19|20)\d{2}";
    private const string Date =
        @"(?:\d{1,2}[./ -](?:\d{1,2}|\p{L}{3,10}\.?)[./ -](?:19|20)?\d{2}(?!\d)|" + Year + @"[./年-]\d{1,2}[./月-]\d{1,2}|\p{L}{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? " + Year + @"|\d{1,2}(?:st|nd|rd|th|\.)? (?:of )?\p{L}{3,10}\.?,? " + Year + ")";

    public static IReadOnlyList<PiiKind> Kinds { get; } =
    [
        new("email", new(Email), new(SpelledEmail)),
        new("phone", new(InternationalPhone), new(AmericanPhone), new(NationalPhone, If(HasPhoneLength)), new(NamedPhone), new(ChineseMobile)),
        new("credit-card", new PiiPattern(Card, LongestStart(IsCard, lastGroup: 3))),
        new("iban", new PiiPattern(Iban, LongestStart(CheckDigits.IsIban, lastGroup: 1))),
        new("us-ssn", new(Ssn), new(NamedSsn)),
        new("uk-nino", new PiiPattern(Nino)),
        new("jp-my-number", new PiiPattern(MyNumber, If(CheckDigits.IsMyNumber))),
        new("national-id", new(Ahv, If(CheckDigits.IsEan13)), new(Dni, If(CheckDigits.IsDni)), new(Nir, If(CheckDigits.IsNir)), new(Cpf, If(CheckDigits.IsCpf)),
            new(CodiceFiscale, If(CheckDigits.IsCodiceFiscale)), new(NamedId)),
        new("ip-address", new(IpV4, If(IsPublicAddress)), new(IpV6, If(IsPublicAddress))),
        new("birth-date", new PiiPattern(BirthDate)),
        new("passport", new PiiPattern(Passport)),
        new("secret", new(Token), new(NamedSecret)),
    ];

    private delegate bool Predicate(ReadOnlySpan<char> match);

    [GeneratedRegex(@"(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]{1,64}(?:@|%40)(?:[\p{L}\p{N}][\p{L}\p{N}-]{0,62}\.){1,8}\p{L}{2,24}(?<!\.(?:png|jpe?g|gif|svg|webp|css|js))(?![\w-]|:[\w~/])", AnyCase, Timeout)]
    private static partial Regex Email { get; }

    [GeneratedRegex(@"(?<![\w.+-])[\w.+-]{1,64}\s?[\[(]\s?at\s?[\])]\s?[\w-]{1,63}\s?(?:[\[(]\s?dot\s?[\])]|\.)\s?\p{L}{2,24}\b|(?<![\w-])[\w-]{1,63}(?:\sdot\s[\w-]{1,63}){0,3}\sat\s[\w-]{1,63}\sdot\s(?:com|org|net|edu|gov|io|\p{L}{2})\b", AnyCase, Timeout)]
    private static partial Regex SpelledEmail { get; }

    [GeneratedRegex(@"(?<![\w+])(?:\+|(?<!\d[ .,-]?)00(?=[1-9]))\d{1,3}[ ./-]?(?:\(0?\d{1,4}\)[ ./-]?)?(?:\d[ ./-]?){6,12}\d(?!\d)", Any, Timeout)]
    private static partial Regex InternationalPhone { get; }

    [GeneratedRegex(@"(?<![\w.-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-])", Any, Timeout)]
    private static partial Regex AmericanPhone { get; }

    [GeneratedRegex(@"(?<!\d[ .,-]?)(?<![\w.,-])(?!\d{3}-\d{2}-\d{4}\b)0[1-9]\d{0,4}[ /-]\d{2,4}(?:[ -]?\d{1,4}){1,3}(?![\d-]| \d)", Any, Timeout)]
    private static partial Regex NationalPhone { get; }

    [GeneratedRegex(@"(?<!\d)1[3-9]\d{9}(?!\d)", Any, Timeout)]
    private static partial Regex ChineseMobile { get; }

    [GeneratedRegex(@"(?:\b(?:phone|tel|telefon|t[ée]l[ée]phone|telefono|teléfono|mobile|handy(?:nummer)?|cell|fax|call|whatsapp|celular|rufnummer|my number is)\b|电话|手机|携帯|電話|телефон|전화)[^\d\r\n+(]{0,12}\+?\(?\d(?:[ ./()-]{0,2}\d){6,13}(?!\d)", AnyCase, Timeout)]
    private static partial Regex NamedPhone { get; }

    [GeneratedRegex(@"(?<![A-Za-z\d]|\d[.,-])(?:3[04-9]|4\d|5\d|6\d|2[2-7]|[2-6][ .-]\d)(?:[ .-]?\d){12,17}(?!\d)", Any, Timeout)]
    private static partial Regex Card { get; }

    [GeneratedRegex(@"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}", AnyCase, Timeout)]
    private static partial Regex Iban { get; }

    [GeneratedRegex(@"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])", Any, Timeout)]
    private static partial Regex Ssn { get; }

    [GeneratedRegex(@"\b(?:s\.?s\.?n|social security)\b[^\d\r\n]{0,30}(?!000|666|9)\d{3}[ -]?\d{2}[ -]?\d{4}(?!\d)", AnyCase, Timeout)]
    private static partial Regex NamedSsn { get; }

    [GeneratedRegex(@"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b", Any, Timeout)]
    private static partial Regex Nino { get; }

    [GeneratedRegex(@"(?<![A-Za-z0-9_-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![\d-]| \d)", Any, Timeout)]
    private static partial Regex MyNumber { get; }

    [GeneratedRegex(@"(?<![\d.])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\d)", Any, Timeout)]
    private static partial Regex Ahv { get; }

    [GeneratedRegex(@"\b[XYZ\d]\d{7}-?[A-Z]\b", Any, Timeout)]
    private static partial Regex Dni { get; }

    [GeneratedRegex(@"(?<![\d.,])[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d{2} ?\d{3} ?\d{3} ?\d{2}(?!\d)", Any, Timeout)]
    private static partial Regex Nir { get; }

    [GeneratedRegex(@"(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|\bcpf\b[^\d\r\n]{0,12}\d{11}(?!\d)", AnyCase, Timeout)]
    private static partial Regex Cpf { get; }

    [GeneratedRegex(@"\b[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b", AnyCase, Timeout)]
    private static partial Regex CodiceFiscale { get; }

    [GeneratedRegex(@"\b(?:personalausweis|f[üu]hrerschein|driver'?s licen[cs]e|pesel|bsn|personnummer|aadhaar)\b[^\r\n\d]{0,12}\b(?:[A-Z]{0,2}\d[A-Z0-9]{5,10}|\d{4} \d{4} \d{4}|\d{6}-\d{4})\b", AnyCase, Timeout)]
    private static partial Regex NamedId { get; }

    [GeneratedRegex(@"(?<![\w.])(?<!\b(?:version|firmware|release|build|chapter|section|v|§)\.?(?:\sis)?\s)(?:\d{1,3}\.){3}\d{1,3}(?![\w/]|\.\d)", AnyCase, Timeout)]
    private static partial Regex IpV4 { get; }

    [GeneratedRegex(@"(?<![\w:.])(?=[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,7}(?![\w:]))[0-9a-f:]{6,39}(?![\w:])", AnyCase, Timeout)]
    private static partial Regex IpV6 { get; }

    [GeneratedRegex(
        @"(?:\b(?:born(?:\son)?|dob|date\sof\sbirth|birth\s?date|birthday|turned\s\d{1,3}\son|geboren(?:\sam)?|geburtsdatum|née?\sle|date\sde\snaissance|fecha\sde\snacimiento|nacid[oa]\sel|nat[oa]\sil|data\sdi\snascita|data\sde\snascimento)\b|" +
        @"生年月日|出生日期|дата рождения)(?:は|\sis)?\W{0,3}(?:the\s)?" + Date,
        AnyCase, Timeout)]
    private static partial Regex BirthDate { get; }

    [GeneratedRegex(@"(?:\b(?:passport|reisepass|passeport|pasaporte|passaporto)\b|旅券番号|パスポート|护照)[^\r\n\d]{0,12}(?<![A-Z0-9])[A-Z]{0,2}\d[A-Z0-9]{5,10}(?![A-Z0-9])", AnyCase, Timeout)]
    private static partial Regex Passport { get; }

    [GeneratedRegex(@"(?<!\w)(?:sk-[\w-]{20,200}|sk_(?:live|test)_\w{16,99}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36,255}|github_pat_\w{22,255}|xox[abprs]-[\w-]{10,250}|AIza[\w-]{35}|glpat-[\w-]{20}|eyJ[\w-]{10,2000}\.eyJ[\w-]{10,2000}\.[\w-]{10,500}|-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----)", Any, Timeout)]
    private static partial Regex Token { get; }

    // Code that reads a password from elsewhere calls or indexes something.
    [GeneratedRegex(@"(?<!\w)(?:password|passwd|pwd|passwort|api[_-]?key|secret|access[_-]?token)(?:['""]?(?: is)? ?[:=] ?['""]?(?=\S{0,99}[\d\W])| is ['""]?(?=\S{0,99}\d))(?>[^\s'"",;<>{}()\[\]]{6,100})(?![(\[])", AnyCase, Timeout)]
    private static partial Regex NamedSecret { get; }

    private static PiiCheck If(Predicate isValid) => match => isValid(match) ? match.Length : 0;

    // Words and numbers that follow may look like more of the number, so every end of a group is tried that has as many characters at least; lists of small numbers have many ends.
    private static PiiCheck LongestStart(Predicate isValid, int lastGroup) => match =>
    {
        for (int end = match.Length; end > 0; end--)
        {
            bool isEnd = end == match.Length || (!char.IsAsciiLetterOrDigit(match[end]) && end > lastGroup && !match[(end - lastGroup)..end].ContainsAny(' ', '-', '.'));
            if (isEnd && isValid(match[..end]))
            {
                return end;
            }
        }

        return 0;
    };

    // With fewer digits it may be a date.
    private static bool HasPhoneLength(ReadOnlySpan<char> match) => CheckDigits.Count(match) is >= 9 and <= 13;

    // Those of 13 digits are gone; articles are numbered with as many.
    private static bool IsCard(ReadOnlySpan<char> match) => (CheckDigits.Count(match), match[0]) is (14 or 15, '3') or (16, _) or (19, '4' or '6') && CheckDigits.IsLuhn(match);

    // Addresses of loopback and private networks say nothing of a person.
    private static bool IsPublicAddress(ReadOnlySpan<char> match)
    {
        if (!IPAddress.TryParse(match, out IPAddress? address) || IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[4];
        return address.AddressFamily == AddressFamily.InterNetworkV6
            || (address.TryWriteBytes(bytes, out _) && bytes is not ([0 or 10 or 127, ..] or [192, 168, ..] or [169, 254, ..] or [255, ..]) && !(bytes[0] == 172 && bytes[1] is >= 16 and <= 31));
    }
}
