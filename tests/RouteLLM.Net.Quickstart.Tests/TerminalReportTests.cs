using CsCheck;
using Spectre.Console;
using Spectre.Console.Testing;

namespace RouteLLM.Quickstart.Tests;

public class TerminalReportTests
{
    private static readonly ModelPair s_models = ModelPair.Create(new Settings { Offline = true }, CancellationToken.None);

    [Fact]
    public void A_prompt_is_shown_while_it_waits_and_is_written_over_by_its_decision_and_answer()
    {
        using TestConsole console = NewConsole(80);
        var report = new TerminalReport(console, s_models);

        report.Begin("hello");
        report.Decided(TestOutcome.Create("strong", probability: 0.5, threshold: 0.25, TimeSpan.FromMicroseconds(12.34)));
        report.Answer("Hi ");
        report.Answer("there.");
        report.End();

        Assert.Equal(
            [
                "\r  1  waiting                             hello",
                "\r  1  ━━┃━━━━━━━ 0.500  strong   12.3 µs  hello",
                "                                         Hi there.",
            ],
            Lines(console));
    }

    [Theory]
    [InlineData(0.30, 0.34, "━━━┃━━━━━━")]
    [InlineData(0.339, 0.34, "━━━┃━━━━━━")]
    [InlineData(0.34, 0.34, "━━━┃━━━━━━")]
    [InlineData(0.0, 0.0, "┃━━━━━━━━━")]
    [InlineData(1.0, 1.0, "━━━━━━━━━┃")]
    [InlineData(0.99, 1.0, "━━━━━━━━━┃")]
    [InlineData(0.5, double.PositiveInfinity, "━━━━━━━━━━")]
    public void The_bar_reaches_the_notch_exactly_when_the_probability_reaches_the_threshold(double probability, double threshold, string bar)
    {
        using TestConsole console = new TestConsole().Width(80).Colors(ColorSystem.TrueColor).EmitAnsiSequences();
        new TerminalReport(console, s_models).Decided(TestOutcome.Create("strong", probability, threshold));

        string[] pieces = console.Output.Split('\e');
        string[] cells = [.. pieces.Where(piece => piece.EndsWith('━') || piece.EndsWith('┃'))];
        Assert.Equal(bar, string.Concat(cells.Select(cell => cell[^1])));
        if (Array.Find(cells, cell => cell.EndsWith('┃')) is { } notch)
        {
            string colourOfStrong = Array.Find(pieces, piece => piece.Contains("strong", StringComparison.Ordinal))!.Split('m')[0];
            Assert.Equal(probability >= threshold, notch.Split('m')[0] == colourOfStrong);
        }
    }

    [Fact]
    public void A_failed_attempt_is_shown_above_the_answer_of_the_other_model()
    {
        using TestConsole console = NewConsole(120);
        var report = new TerminalReport(console, s_models);

        report.Begin("hello");
        report.Decided(TestOutcome.Create("weak", failed: new RouteAttempt("strong", null, "X") { Error = new InvalidOperationException("Too many\nrequests") }));
        report.Answer("Hi");
        report.End();

        string[] lines = [.. Lines(console).Select(line => line.Trim())];
        Assert.Equal(["strong failed: Too many requests", "Hi"], lines[^2..]);
    }

    [Fact]
    public void A_failure_is_shown_whether_or_not_an_answer_had_begun()
    {
        using TestConsole console = NewConsole(80);
        var report = new TerminalReport(console, s_models);

        report.Begin("one");
        report.Fail("no luck");
        report.Begin("two");
        report.Decided(TestOutcome.Create("weak"));
        report.Answer("Hi th");
        report.Fail("hung up");

        string[] lines = [.. Lines(console).Select(line => line.Trim())];
        Assert.Contains(lines, line => line.StartsWith("1  failed", StringComparison.Ordinal) && line.EndsWith("one", StringComparison.Ordinal));
        Assert.Contains("no luck", lines);
        Assert.Equal(["Hi th", "hung up"], lines[^2..]);
    }

    [Fact]
    public void Strong_and_weak_have_colours_of_their_own()
    {
        Assert.NotEqual(ColoursOf("strong"), ColoursOf("weak"));

        static string ColoursOf(string route)
        {
            using TestConsole console = new TestConsole().Width(80).Colors(ColorSystem.TrueColor).EmitAnsiSequences();
            var report = new TerminalReport(console, s_models);
            report.Begin("hello");
            report.Decided(TestOutcome.Create(route));
            Assert.Contains('\e', console.Output);
            return console.Output.Replace(route.PadRight(6), "");
        }
    }

    [Fact]
    public void No_line_is_wider_than_the_terminal() =>
        Gen.Select(Gen.String, Gen.String.Array[0, 5], Gen.Double[0, 1], Gen.Int[TerminalReport.MinWidth, 140]).Sample((prompt, answer, probability, width) =>
        {
            using TestConsole console = NewConsole(width);
            var report = new TerminalReport(console, s_models);
            report.Start([("models", "none"), ("prompts", "one")]);
            report.Begin(prompt);
            report.Decided(TestOutcome.Create("weak", probability));
            foreach (string piece in answer)
            {
                report.Answer(piece);
            }

            report.End();
            Assert.All(console.Output.Split('\n'), line => Assert.InRange(line.Split('\r')[^1].GetCellWidth(), 0, width));
        }, iter: 200);

    // Without colours, but with what moves the cursor.
    private static TestConsole NewConsole(int width) => new TestConsole().Width(width).Colors(ColorSystem.NoColors).EmitAnsiSequences();

    private static string[] Lines(TestConsole console) => console.Output.Replace("\r ", "\n\r ").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
