using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Routes between two models of a <see cref="MatrixFactorizationModel"/>: RouteLLM's matrix-factorisation router, as one inner product.</summary>
/// <remarks>
/// What a tie counts depends on the model: with a margin a tie is not a win, without one, as in RouteLLM's checkpoints, ties are left out (see <see cref="MatrixFactorizationModel"/>).
/// <see cref="GetService"/> answers for the router itself, its <see cref="RouterMetadata"/>, its <see cref="MatrixFactorizationModel"/> and <see cref="MatrixFactorizationPair"/>, and, for the model's default pair,
/// <see cref="ScoreQuantiles"/> if the model has them.
/// </remarks>
public sealed class MatrixFactorizationRouter : EmbeddingRouter
{
    private readonly MatrixFactorizationModel _model;
    private readonly MatrixFactorizationPair _pair;
    private readonly ScoreQuantiles? _quantiles;

    internal MatrixFactorizationRouter(
        MatrixFactorizationModel model, MatrixFactorizationPair pair, IEmbeddingGenerator<string, Embedding<float>> generator, RouterMetadata metadata, ScoreQuantiles? quantiles)
        : base(generator, model.EmbeddingDimensions, metadata)
    {
        _model = model;
        _pair = pair;
        _quantiles = quantiles;
    }

    /// <inheritdoc/>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        base.GetService(serviceType, serviceKey) is { } service ? service
        : serviceKey is not null ? null
        : serviceType == typeof(MatrixFactorizationModel) ? _model
        : serviceType == typeof(MatrixFactorizationPair) ? _pair
        : serviceType == typeof(ScoreQuantiles) ? _quantiles
        : null;

    /// <inheritdoc/>
    protected override double Score(ReadOnlySpan<float> embedding) => _pair.PredictWinProbability(embedding);
}
