namespace RouteLLM.Training;

/// <summary>Fitted experts for traffic and for benchmarks, and the gate between them.</summary>
internal sealed record MixtureFit(MatrixFactorizationFit Traffic, MatrixFactorizationFit Benchmark, MatrixFactorizationFit Gate, double TrafficShare)
{
    /// <summary>Gives the logit that the default pair's strong model clearly wins.</summary>
    public double Logit(ReadOnlySpan<int> columns, ReadOnlySpan<float> values)
    {
        double traffic = Traffic.FirstPairLogit(columns, values);
        double benchmark = Benchmark.FirstPairLogit(columns, values) + (TrafficShare * traffic);
        double gate = 1 / (1 + Math.Exp(-Gate.FirstPairLogit(columns, values)));
        return (gate * traffic) + ((1 - gate) * benchmark);
    }
}
