using Microsoft.Extensions.Time.Testing;
using RouteLLM.Evaluation;
using static RouteLLM.Training.Tests.Collection.CollectionFolder;

namespace RouteLLM.Training.Tests.Collection;

public sealed class CollectionJournalTests : IDisposable
{
    private readonly CollectionFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_last_line_torn_at_any_byte_costs_at_most_its_own_answer()
    {
        await RunAsync(Number());
        byte[] whole = await File.ReadAllBytesAsync(_folder.Journal, TestContext.Current.CancellationToken);
        int lastLine = whole.AsSpan(0, whole.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (int length = lastLine; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(_folder.Journal, whole[..length], TestContext.Current.CancellationToken);
            FakeModel model = Number();

            CollectionResult result = await RunAsync(model);

            // Only the line feed, or nothing, is missing: the line is good.
            Assert.Equal(length >= whole.Length - 1 ? 0 : 1, model.Calls.Count);
            Assert.Equal((0, 3 * 0.00006m), (result.Missing, result.SpentInAll.Usd));
            Assert.Equal(3, CollectionJournal.Read(_folder.Journal).Cost.Calls);
            Assert.Equal(3, _folder.JournalLines().Length);
        }
    }

    [Fact]
    public async Task Planning_reads_past_a_torn_line_and_changes_nothing()
    {
        await RunAsync(Number());
        byte[] torn = (await File.ReadAllBytesAsync(_folder.Journal, TestContext.Current.CancellationToken))[..^20];
        await File.WriteAllBytesAsync(_folder.Journal, torn, TestContext.Current.CancellationToken);

        CollectionPlan plan = Collector(Number()).Plan(Prompts(3));

        Assert.Equal(1, plan.Missing);
        Assert.Equal(torn, await File.ReadAllBytesAsync(_folder.Journal, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("""{"kind":"dance"}""")]
    public async Task Another_line_that_is_none_is_an_error_with_file_and_line_and_nothing_is_paid(string line)
    {
        await RunAsync(Number());
        string[] lines = _folder.JournalLines();
        lines[1] = line;
        await File.WriteAllLinesAsync(_folder.Journal, lines, TestContext.Current.CancellationToken);
        FakeModel model = Number();

        EvaluationDataException error = Assert.Throws<EvaluationDataException>(() => Collector(model).Plan(Prompts(3)));

        Assert.Equal((_folder.Journal, 2), (error.File, error.Line));
        Assert.Contains("Delete the line", error.Message);
        Assert.Empty(model.Calls);
    }

    [Fact]
    public async Task Two_collectors_cannot_use_one_journal_at_the_same_time()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new FakeModel(async (prompt, _) =>
        {
            asked.TrySetResult();
            await answer.Task;
            return FakeModel.Answer(prompt);
        });
        AnswerCollector first = Collector(slow);
        CollectionPlan plan = first.Plan(Prompts(3));
        FakeModel other = Number();
        AnswerCollector second = Collector(other);
        CollectionPlan otherPlan = second.Plan(Prompts(3));
        Task<CollectionResult> run = first.RunAsync(plan, cancellationToken: TestContext.Current.CancellationToken);
        await asked.Task;

        IOException error = await Assert.ThrowsAsync<IOException>(() => second.RunAsync(otherPlan, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains(_folder.Journal, error.Message);
        answer.SetResult();
        Assert.Equal(0, (await run).Missing);
        Assert.Equal(CallCost.None, (await second.RunAsync(otherPlan, cancellationToken: TestContext.Current.CancellationToken)).Spent);
        Assert.Empty(other.Calls);
    }

    [Fact]
    public async Task An_answer_is_in_the_journal_before_the_next_one_is_asked_for()
    {
        var seen = new List<int>();
        CollectionOptions options = _folder.Options();
        options.MaxConcurrency = 1;

        // Not through a second handle, which the open journal keeps out: through its length, in which the time is always the same.
        var collector = new AnswerCollector([Model("m", new FakeModel(prompt =>
        {
            seen.Add((int)new FileInfo(_folder.Journal).Length);
            return prompt;
        }))], options, new FakeTimeProvider());
        await collector.RunAsync(collector.Plan(Prompts(3)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(0, seen[0]);
        int length = _folder.JournalLines()[0].Length + 1;
        Assert.Equal([0, length, 2 * length], seen);
    }

    [Fact]
    public void Prompts_are_read_with_defaults_for_what_they_lack()
    {
        const string Lines =
            """
            {"id":"a","prompt":"p","reference":"r","source":"s","split":"eval","scores":{}}

            {"prompt":"q"}
            """;

        IReadOnlyList<CollectionPrompt> prompts = CollectionPromptReader.Read(new StringReader(Lines), "prompts.jsonl");

        Assert.Equal(new CollectionPrompt("a", "p", "r", "s", "eval"), prompts[0]);
        Assert.Equal(new CollectionPrompt(prompts[1].Id, "q", null, "collected", "train"), prompts[1]);
        Assert.Equal(prompts[1].Id, CollectionPromptReader.Read(new StringReader("""{"prompt":"q"}"""), "other")[0].Id);
    }

    [Theory]
    [InlineData("""{"id":"b"}""", "prompt")]
    [InlineData("""{"id":"b","prompt":" "}""", "prompt")]
    [InlineData("""{"id":7,"prompt":"p"}""", "id")]
    [InlineData("""{"id":"a","prompt":"p"}""", "line 1")]
    [InlineData("[1]", "object")]
    [InlineData("{", "")]
    public void A_line_that_is_no_prompt_is_named(string line, string named)
    {
        EvaluationDataException error = Assert.Throws<EvaluationDataException>(() =>
            CollectionPromptReader.Read(new StringReader("{\"id\":\"a\",\"prompt\":\"p\"}\n" + line), "prompts.jsonl"));

        Assert.StartsWith("prompts.jsonl, line 2: ", error.Message);
        Assert.Contains(named, error.Message);
    }

    private AnswerCollector Collector(FakeModel model) => new([Model("m", model)], _folder.Options());

    private Task<CollectionResult> RunAsync(FakeModel model)
    {
        AnswerCollector collector = Collector(model);
        return collector.RunAsync(collector.Plan(Prompts(3)));
    }
}
