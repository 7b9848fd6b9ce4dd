using System.Runtime.CompilerServices;

namespace RouteLLM.Evaluation;

/// <summary>Replays a decision log, or a file of prompts, through other thresholds or another router, and calls no model.</summary>
/// <remarks>
/// <para>
/// It tells how many requests would go to the strong model, which of them would move from where the log says they went, what that costs and takes, and, where answers are scored, what quality it gives. Millions of requests are
/// simulated one batch at a time; memory does not grow with them but for strong shares (<see cref="SimulationOptions.StrongShares"/>).
/// </para>
/// <para>
/// A log tells what one model's answer cost, took and was worth, and never the other's. The cost of a request that moves is its tokens at the other model's price, as if both wrote equally much; without prices or tokens it is the mean of the
/// requests that did go there, as is its latency. How good its answer would be is not guessed at: quality from a log is over requests that stay. <see cref="SimulatedMean"/> says how much of a mean is measured.
/// </para>
/// </remarks>
public static class RoutingSimulator
{
    /// <summary>Replays a decision log.</summary>
    /// <param name="decisions">The decisions; enumerated once, or twice if there are <see cref="SimulationOptions.StrongShares"/>, as what <see cref="DecisionLogReader"/> reads from files can be.</param>
    /// <param name="router">The router to score the logged prompts with, or <see langword="null"/> to compare the logged win probabilities with other thresholds, which is all that can be done with a log that holds no prompts.</param>
    /// <param name="options">What to simulate.</param>
    /// <param name="cancellationToken">Cancels the simulation.</param>
    /// <returns>The simulation.</returns>
    /// <exception cref="EvaluationException">No request can be simulated, the router gave something else than probabilities in [0, 1], or the decisions could not be enumerated twice.</exception>
    /// <exception cref="EvaluationDataException">A line of the log is wrong.</exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static Task<RoutingSimulation> ReplayAsync(IEnumerable<LoggedDecision> decisions, IRouter? router, SimulationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var reader = new RequestReader(options, rescores: router is not null);
        return RunAsync(() => reader.Read(decisions), reader, router, options, cancellationToken);
    }

    /// <summary>Sends prompts through a router, with scores, costs, tokens and latencies as far as the rows have them.</summary>
    /// <param name="rows">The rows; enumerated once, or twice if there are <see cref="SimulationOptions.StrongShares"/>.</param>
    /// <param name="router">The router.</param>
    /// <param name="options">What to simulate; the names are the models' in the rows.</param>
    /// <param name="cancellationToken">Cancels the simulation.</param>
    /// <returns>The simulation, in which nothing is logged and so nothing moves.</returns>
    /// <exception cref="EvaluationException">There are no rows, a score is not on the scale, the router gave something else than probabilities in [0, 1], or the rows could not be enumerated twice.</exception>
    /// <exception cref="EvaluationDataException">A row of a file is wrong.</exception>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    public static Task<RoutingSimulation> SimulateAsync(IEnumerable<EvaluationRow> rows, IRouter router, SimulationOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(router);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var reader = new RequestReader(options, rescores: true);
        return RunAsync(() => reader.Read(rows), reader, router, options, cancellationToken);
    }

    private static async Task<RoutingSimulation> RunAsync(Func<IEnumerable<SimulatedRequest>> read, RequestReader reader, IRouter? router, SimulationOptions options, CancellationToken cancellationToken)
    {
        List<PointSimulation> points = [.. options.Thresholds.Select(threshold => new PointSimulation(threshold, null, options.Examples))];
        long expected = -1;
        if (options.StrongShares.Count > 0)
        {
            (double[] scores, bool[] fixedRoutes) = await CollectAsync(read(), router, options, cancellationToken).ConfigureAwait(false);
            expected = scores.Length + fixedRoutes.LongLength;
            points.AddRange(options.StrongShares.Select(share => new PointSimulation(ThresholdFor(scores, fixedRoutes, share), share, options.Examples)));
        }

        PointSimulation logged = new(null, null, 0), strong = new(double.NegativeInfinity, null, 0), weak = new(double.PositiveInfinity, null, 0);
        var means = default(RouteMeans);
        long count = 0, stays = 0, known = 0;
        await foreach (SimulatedRequest request in ScoreAsync(read(), router, options, cancellationToken).ConfigureAwait(false))
        {
            count++;
            stays += request.IsFixed ? 1 : 0;
            means.Add(request);
            if (request.WasStrong is { } wasStrong)
            {
                known++;
                logged.Add(request, wasStrong);
            }

            strong.Add(request, true);
            weak.Add(request, false);
            foreach (PointSimulation point in points)
            {
                point.Add(request, request.GoesStrong(point.Threshold));
            }
        }

        Require(count, expected, reader, router);
        RouterMetadata? metadata = router?.GetService<RouterMetadata>();
        return new RoutingSimulation
        {
            IsReplay = reader.IsReplay,
            Router = router is null ? null : metadata?.Name ?? "unnamed",
            Fingerprint = metadata?.Fingerprint,
            Requests = count,
            Fixed = stays,
            OtherRoutes = reader.OtherRoutes,
            Unscored = reader.Unscored,
            Logged = known,
            AsLogged = logged.Finish(means),
            AlwaysStrong = strong.Finish(means)!,
            AlwaysWeak = weak.Finish(means)!,
            Points = [.. points.Select(point => point.Finish(means)!)],
        };
    }

    private static void Require(long count, long expected, RequestReader reader, IRouter? router)
    {
        if (expected >= 0 && count != expected)
        {
            throw new EvaluationException($"There were {expected} requests at first and {count} when they were read again; strong shares need requests that can be enumerated twice, such as those of a file.");
        }

        if (count == 0)
        {
            throw new EvaluationException(
                reader.Unscored > 0 && router is not null ? $"None of {reader.Unscored + reader.OtherRoutes} log lines holds a prompt, which logs do not by default; without prompts only the logged win probabilities can be compared with other thresholds: leave the router out."
                : reader.Unscored > 0 ? $"None of {reader.Unscored + reader.OtherRoutes} log lines has a win probability or a route."
                : reader.OtherRoutes > 0 ? $"All {reader.OtherRoutes} log lines name other routes than the strong and the weak one; name the routes as the log does."
                : "There are no requests to simulate.");
        }
    }

    /// <summary>Collects win probabilities, and the routes of requests that stay as they are.</summary>
    private static async Task<(double[] Scores, bool[] Fixed)> CollectAsync(IEnumerable<SimulatedRequest> requests, IRouter? router, SimulationOptions options, CancellationToken cancellationToken)
    {
        var scores = new List<double>();
        var stays = new List<bool>();
        await foreach (SimulatedRequest request in ScoreAsync(requests, router, options, cancellationToken).ConfigureAwait(false))
        {
            if (request.IsFixed)
            {
                stays.Add(request.WasStrong!.Value);
            }
            else
            {
                scores.Add(request.WinProbability);
            }
        }

        return ([.. scores], [.. stays]);
    }

    /// <summary>Finds the threshold at which a share of all requests is strong, those included that no threshold moves.</summary>
    private static double ThresholdFor(double[] scores, bool[] stays, double share)
    {
        if (scores.Length == 0)
        {
            return double.PositiveInfinity;
        }

        double wanted = (share * (scores.Length + (double)stays.Length)) - stays.Count(static strong => strong);
        return OrderStatistics.ThresholdForStrongShare(scores, Math.Clamp(wanted / scores.Length, 0, 1));
    }

    private static async IAsyncEnumerable<SimulatedRequest> ScoreAsync(
        IEnumerable<SimulatedRequest> requests, IRouter? router, SimulationOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int done = 0;
        foreach (SimulatedRequest[] batch in requests.Chunk(options.Prediction.BatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (router is not null)
            {
                int[] asked = [.. Enumerable.Range(0, batch.Length).Where(i => !batch[i].IsFixed)];
                IReadOnlyList<double> probabilities = await router.PredictWinProbabilitiesAsync(asked.Select(i => batch[i].Prompt!), cancellationToken).ConfigureAwait(false);
                if (probabilities.Count != asked.Length)
                {
                    throw new EvaluationException($"The router gave {probabilities.Count} win probabilities for {asked.Length} prompts; expected one a prompt.");
                }

                foreach ((int k, int i) in asked.Index())
                {
                    batch[i] = batch[i] with
                    {
                        WinProbability = probabilities[k] is >= 0 and <= 1
                            ? probabilities[k]
                            : throw new EvaluationException($"The router gave {probabilities[k]} for the prompt {(batch[i].Origin is { } origin ? $"of {origin}" : "of a request")}; expected a win probability in [0, 1]."),
                    };
                }
            }

            foreach (SimulatedRequest request in batch)
            {
                yield return request;
            }

            options.Prediction.Progress?.Report(done += batch.Length);
        }
    }
}
