using Microsoft.Extensions.AI;

namespace RouteLLM.Training.Tests.Collection;

/// <summary>A folder with a journal and a training file, and what the tests of collections share.</summary>
internal sealed class CollectionFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-collection-");

    /// <summary>3 USD per million input tokens and 15 per million output tokens, so that a fake answer costs 0.00006 USD.</summary>
    public static TokenPrice Price { get; } = new(3m, 15m);

    public string Journal => Path.Combine(_folder.FullName, "journal.jsonl");

    public string Output => Path.Combine(_folder.FullName, "rows.jsonl");

    public static CollectionPrompt[] Prompts(int count) => [.. Enumerable.Range(0, count).Select(i => new CollectionPrompt($"p{i}", $"prompt {i}", $"{i}", "set/part", "train"))];

    public static CollectionModel Model(string name, IChatClient client, int? maxOutputTokens = null) =>
        new(name, client) { Price = Price, ExpectedOutputTokens = 2, Options = new ChatOptions { MaxOutputTokens = maxOutputTokens } };

    /// <summary>A model that answers each prompt with its number, or with the number and an offset.</summary>
    public static FakeModel Number(int offset = 0) => new(prompt => $"It is {int.Parse(prompt["prompt ".Length..]) + offset}.");

    public CollectionOptions Options(IResponseScorer? scorer = null) => new()
    {
        JournalPath = Journal,
        OutputPath = Output,
        Scorer = scorer,
        Retry = new CallRetryOptions { FirstDelay = TimeSpan.Zero },
    };

    public static ExactMatchScorer Exact() => new(new ExactMatchScorerOptions { Kind = AnswerKind.LastNumber });

    public string[] JournalLines() => File.Exists(Journal) ? File.ReadAllLines(Journal) : [];

    public void Dispose() => _folder.Delete(recursive: true);
}
