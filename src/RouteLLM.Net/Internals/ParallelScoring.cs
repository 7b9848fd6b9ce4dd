using System.Collections.Concurrent;

namespace RouteLLM.Internals;

/// <summary>Scores batches of requests with a function that takes microseconds: small ones at once, large ones on all processors.</summary>
internal static class ParallelScoring
{
    private const int ParallelBatch = 64;

    public static ValueTask<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<RouteRequest> requests, Func<RouteRequest, double> score, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IReadOnlyList<double>>(cancellationToken);
        }

        var scores = new double[requests.Count];
        if (scores.Length < ParallelBatch)
        {
            Score(0, scores.Length);
            return new ValueTask<IReadOnlyList<double>>(scores);
        }

        return new ValueTask<IReadOnlyList<double>>(Task.Run<IReadOnlyList<double>>(
            () =>
            {
                var options = new ParallelOptions { CancellationToken = cancellationToken };
                Parallel.ForEach(Partitioner.Create(0, scores.Length, ParallelBatch), options, range => Score(range.Item1, range.Item2));
                return scores;
            },
            cancellationToken));

        void Score(int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                scores[i] = score(requests[i]);
            }
        }
    }
}
