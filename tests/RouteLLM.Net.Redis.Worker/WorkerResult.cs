using System.Text.Json;

namespace RouteLLM.Redis.Worker;

/// <summary>What came of the questions of a process.</summary>
internal sealed record WorkerResult
{
    public Dictionary<string, int> Ends { get; init; } = [];

    public IReadOnlyList<string> Violations { get; init; } = [];

    public int OpenQuestions { get; init; }

    public int AdmissionsUnderWay { get; init; }

    public decimal PendingCost { get; init; }

    public long KeptConversations { get; init; }

    public IReadOnlyList<WorkerSpending> Spending { get; init; } = [];

    public static WorkerResult Parse(string json) => JsonSerializer.Deserialize<WorkerResult>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);
}
