using CsCheck;

namespace RouteLLM.Tests.Safety;

public class RegexPiiClassifierTests
{
    [Theory]
    [InlineData("pii.email", 2, "anna@example.com, bob@example.com")]
    [InlineData("pii.phone", 2, "phone: +41 79 123 45 67 or +41 44 668 18 00")]
    [InlineData("pii.credit-card", 2, "4111 1111 1111 1111 12/27, 5500-0000-0000-0004")]
    [InlineData("pii.iban", 2, "ref AB12 3456 7890 12 DE89 3704 0044 0532 0130 00 GB82 WEST 1234 5698 7654 32")]
    [InlineData("pii.secret", 1, "password: sk-abcdEFGHijklMNOPqrstUVWX1234567890")]
    public void What_is_there_counts_as_often_as_it_is_there(string category, int count, string text) =>
        Assert.Contains(new RequestSignal(category, Count: count), new RegexPiiClassifier(category["pii.".Length..]).Find(text));

    [Theory]
    [InlineData("pii.phone", "０９０－１２３４－５６７８")]
    [InlineData("pii.jp-my-number", "１２３４５６７８９０１８")]
    [InlineData("pii.credit-card", "٤١١١ ١١١١ ١١١١ ١١١١")]
    [InlineData("pii.email", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ")]
    public void Digits_of_other_scripts_and_full_width_letters_are_read(string category, string text) =>
        Assert.Equal(category, Assert.Single(new RegexPiiClassifier().Find(text)).Category);

    [Fact]
    public void Only_the_kinds_asked_for_are_found() =>
        Assert.Equal("pii.email", Assert.Single(new RegexPiiClassifier("email").Find("anna@example.com, DE89 3704 0044 0532 0130 00")).Category);

    [Fact]
    public void Any_text_is_read_without_an_error() =>
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char["0123456789 .-@+:()ABXabＸ４٤"]), 0, 300].Sample(text => new RegexPiiClassifier().Find(text).All(signal => signal.Count > 0));

    [Fact]
    public void One_wrong_digit_makes_a_number_no_card_and_no_account()
    {
        const string Card = "4111111111111111", Account = "GB82WEST12345698765432";
        var classifier = new RegexPiiClassifier("credit-card", "iban");
        Assert.Equal("pii.credit-card", Assert.Single(classifier.Find(Card)).Category);
        Assert.Equal("pii.iban", Assert.Single(classifier.Find(Account)).Category);
        Gen.Select(Gen.Int[0, 15], Gen.Int[1, 9]).Sample((place, shift) => classifier.Find(Change(Card, place, shift)).Count == 0 && classifier.Find(Change(Account, 8 + (place % 14), shift)).Count == 0);
    }

    [Theory]
    [InlineData("756.9217.0769.85", "756.9217.0769.84")]
    [InlineData("12345678Z", "12345678Y")]
    [InlineData("X1234567L", "Y1234567L")]
    [InlineData("2 55 08 14 168 025 38", "2 55 08 14 168 025 39")]
    [InlineData("529.982.247-25", "529.982.247-52")]
    [InlineData("CPF 52998224725", "CPF 52998224726")]
    [InlineData("RSSMRA85T10A562S", "RSSMRA85T10A562T")]
    public void A_national_id_is_one_by_its_check_digits_only(string right, string wrong)
    {
        var classifier = new RegexPiiClassifier("national-id");

        Assert.Single(classifier.Find(right));
        Assert.Empty(classifier.Find(wrong));
    }

    // What most patterns can start with or go on with, and never ends; a pattern that takes longer than a second throws.
    [Theory]
    [InlineData("", "a")]
    [InlineData("", "a.")]
    [InlineData("a@", "a-")]
    [InlineData("", "a@")]
    [InlineData("", "a at b dot ")]
    [InlineData("", "1")]
    [InlineData("", "1 ")]
    [InlineData("+", "1-")]
    [InlineData("", "01 ")]
    [InlineData("", "4111 ")]
    [InlineData("", "AA00 ")]
    [InlineData("", "1:")]
    [InlineData("", "1.")]
    [InlineData("password=", "a")]
    [InlineData("", "password=a")]
    [InlineData("", "eyJ-")]
    [InlineData("", "eyJaaaaaaaaaa.")]
    [InlineData("born ", " ")]
    [InlineData("", "passport ")]
    [InlineData("ignore ", " ")]
    [InlineData("", "ignore all ")]
    [InlineData("ignore ", "all ")]
    [InlineData("", "ignore the previous, ")]
    [InlineData("", "show me your ")]
    [InlineData("", "act no ")]
    [InlineData("", "[INST]")]
    [InlineData("", "<|im_start|> ")]
    public void A_crafted_text_of_100000_characters_takes_no_pattern_long(string start, string repeated)
    {
        string text = start + string.Concat(Enumerable.Repeat(repeated, 100_000 / repeated.Length));

        Assert.All(new RegexPiiClassifier().Find(text + " anna@example.com"), signal => Assert.InRange(signal.Count, 1, text.Length));
        Assert.InRange(PromptInjectionClassifier.Score(text), 0, 1);
    }

    [Fact]
    public async Task A_cancelled_look_ends() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await new RegexPiiClassifier().ClassifyAsync(new RouteRequest("hello"), new CancellationToken(canceled: true)));
}
