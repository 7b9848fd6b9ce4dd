using System.Text;
using CsCheck;
using Spectre.Console;

namespace RouteLLM.Quickstart.Tests;

public class ExcerptTests
{
    [Theory]
    [InlineData("short", "short")]
    [InlineData("exactly9!", "exactly9!")]
    [InlineData("more than nine", "more than…")]
    [InlineData("  lines\r\n\tand\n\n blanks ", "lines and…")]
    [InlineData("日本語です", "日本語で…")]
    [InlineData("🙂🙂🙂🙂🙂", "🙂🙂🙂🙂…")]
    [InlineData("a\e[0mb\0c", "a [0mb c")]
    [InlineData("a\u202Eb\u200Bc", "abc")]
    [InlineData("e\u0301e\u0301", "e\u0301e\u0301")]
    public void A_text_is_made_fit_for_a_line_of_ten_cells(string text, string expected) => Assert.Equal(expected, Excerpt.Of(text, 10));

    [Fact]
    public void Half_a_surrogate_pair_waits_for_the_other_half_or_is_replaced()
    {
        var excerpt = new Excerpt(10);

        Assert.Equal("a", excerpt.Append("a\ud83d"));
        Assert.Equal("\ud83d\ude42b", excerpt.Append("\ude42b"));
        Assert.Equal("\uFFFDc", excerpt.Append("\ude42c"));
    }

    [Fact]
    public void Whatever_the_text_and_its_pieces_the_excerpt_is_the_same_and_fits() =>
        Gen.Select(Gen.OneOf(Gen.String, Gen.String[Gen.Char["aé日🙂\ud83d\ude42\u200d\ufe0f \n\e\u202e"]]).Array[0, 6], Gen.Int[4, 30]).Sample((pieces, width) =>
        {
            var excerpt = new Excerpt(width);
            var shown = new StringBuilder();
            foreach (string piece in pieces)
            {
                shown.Append(excerpt.Append(piece));
            }

            Assert.Equal(Excerpt.Of(string.Concat(pieces), width), shown.ToString());
            Assert.InRange(shown.ToString().GetCellWidth(), 0, width);
            Assert.DoesNotContain(shown.ToString(), char.IsControl);
        });
}
