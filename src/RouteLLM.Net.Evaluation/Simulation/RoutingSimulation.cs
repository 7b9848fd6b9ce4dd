using System.Globalization;

namespace RouteLLM.Evaluation;

/// <summary>What would have become of traffic under other thresholds or another router; made by <see cref="RoutingSimulator"/>.</summary>
public sealed class RoutingSimulation
{
    internal RoutingSimulation()
    {
    }

    /// <summary>Gets a value indicating whether a log was replayed, and not a file of prompts.</summary>
    public required bool IsReplay { get; init; }

    /// <summary>Gets the name of the router that scored the prompts, or <see langword="null"/> if the logged win probabilities were taken as they are.</summary>
    public required string? Router { get; init; }

    /// <summary>Gets the hash of the router's artifact, or <see langword="null"/>.</summary>
    public required string? Fingerprint { get; init; }

    /// <summary>Gets how many requests were simulated, those that stay by themselves too.</summary>
    public required long Requests { get; init; }

    /// <summary>
    /// Gets how many of them no threshold moves, and which stay as they were in every point: those that the caller, a conversation or a tool call had pinned, and, without a router, those whose log line has no win probability.
    /// </summary>
    public required long Fixed { get; init; }

    /// <summary>Gets how many requests were left out because they took neither the strong nor the weak route.</summary>
    public required long OtherRoutes { get; init; }

    /// <summary>Gets how many requests were left out because there is nothing to decide them by: no prompt for the router, or neither a win probability nor a route.</summary>
    public required long Unscored { get; init; }

    /// <summary>Gets of how many of the requests it is known which way they went.</summary>
    public required long Logged { get; init; }

    /// <summary>Gets what was logged, over the requests of which that is known; <see langword="null"/> if it is of none.</summary>
    public required SimulatedPoint? AsLogged { get; init; }

    /// <summary>Gets the strong model for every request.</summary>
    public required SimulatedPoint AlwaysStrong { get; init; }

    /// <summary>Gets the weak model for every request.</summary>
    public required SimulatedPoint AlwaysWeak { get; init; }

    /// <summary>Gets the simulated points: those of the thresholds, then those of the strong shares, in the options' order.</summary>
    public required IReadOnlyList<SimulatedPoint> Points { get; init; }

    /// <summary>Gets what should be known when reading the numbers, in sentences.</summary>
    public IReadOnlyList<string> Notes => [.. FindNotes()];

    /// <summary>Gives which part of the strong model's cost a point saves.</summary>
    /// <param name="point">The point.</param>
    /// <returns>The part; <see langword="null"/> if a cost is not known or the strong model costs nothing.</returns>
    public double? CostSaved(SimulatedPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return point.Cost is { } cost && AlwaysStrong.Cost is { Mean: > 0 } strong ? 1 - (cost.Mean / strong.Mean) : null;
    }

    private IEnumerable<string> FindNotes()
    {
        if (Router is null)
        {
            yield return "The logged win probabilities were compared with other thresholds; to see what another router would do, the log must hold prompts.";
        }

        if (OtherRoutes > 0)
        {
            yield return Count($"{OtherRoutes} requests took neither route and were left out; name the routes if that is wrong.");
        }

        if (Unscored > 0)
        {
            yield return Count($"{Unscored} requests were left out because they have {(Router is null ? "neither a win probability nor a route" : "no prompt to score")}.");
        }

        if (Fixed > 0)
        {
            yield return Count($"{Fixed} of {Requests} requests stay as they were whatever the threshold: pinned, or not decided by a win probability.");
        }

        if (IsReplay && Logged < Requests)
        {
            yield return Count($"Of {Requests - Logged} of {Requests} requests it is not known which way they went; they count in no move.");
        }

        if (Points.Any(static point => point.Cost is { Estimated: > 0 }))
        {
            yield return IsReplay
                ? "Where a request moves, its cost is an estimate: its tokens at the other model's price, as if both wrote equally much, or else the mean of the requests that went there, which were others."
                : "Costs that the rows do not have are estimated from the prompts' length and the assumed length of answers.";
        }
    }

    private static string Count(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
