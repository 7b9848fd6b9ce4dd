namespace RouteLLM.Tests.Simulation;

/// <summary>Who asks how much in a simulation, and how. Shares are in [0, 1].</summary>
internal sealed record SimulationOptions
{
    public int Seed { get; init; } = 1;

    public int Callers { get; init; } = 64;

    public int CallsPerCaller { get; init; } = 100;

    /// <summary>Gets the share of questions whose answer is streamed.</summary>
    public double Streamed { get; init; } = 0.5;

    /// <summary>Gets the share that its caller cancels, after a time of up to <see cref="Patience"/>.</summary>
    public double Cancelled { get; init; } = 0.04;

    /// <summary>Gets the share of streams that are left after their first update.</summary>
    public double LeftEarly { get; init; } = 0.03;

    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets the mean time between two questions of a caller.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets what makes the question of a call, from its caller's number and its own; each must be asked once. The default is a short text.</summary>
    public Func<int, int, string> Question { get; init; } = static (caller, call) => $"question {caller}/{call}";

    /// <summary>Gets what makes the options of a call, or <see langword="null"/> for none.</summary>
    public Func<int, int, Microsoft.Extensions.AI.ChatOptions?>? Options { get; init; }

    /// <summary>Gets what gives the tenant of a caller, or <see langword="null"/> for none.</summary>
    public Func<int, string>? Tenant { get; init; }

    /// <summary>Gets what is told how many questions have ended, after each, or <see langword="null"/>.</summary>
    public Action<int>? Ended { get; init; }
}
