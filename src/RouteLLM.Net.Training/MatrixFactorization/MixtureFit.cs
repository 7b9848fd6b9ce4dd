namespace RouteLLM.Training;

/// <summary>Fitted experts for traffic and for benchmarks, and the gate between them.</summary>
internal sealed record MixtureFit(MatrixFactorizationFit Traffic, MatrixFactorizationFit Benchmark, MatrixFactorizationFit Gate, double TrafficShare)
{
    /// <summary>Gives the logits that the default pair's strong model clearly wins, and the gate.</summary>
    public MixtureLogits Logits(ReadOnlySpan<int> columns, ReadOnlySpan<float> values)
    {
        double traffic = Traffic.FirstPairLogit(columns, values);
        double benchmark = Benchmark.FirstPairLogit(columns, values) + (TrafficShare * traffic);
        return new MixtureLogits(traffic, benchmark, MixtureRouter.Sigmoid(Gate.FirstPairLogit(columns, values)));
    }
}
