using System.Numerics.Tensors;

namespace RouteLLM;

/// <summary>A <see cref="MatrixFactorizationModel"/> folded for two of its models: scores embeddings that are ready, with one inner product and without allocating.</summary>
public sealed class MatrixFactorizationPair
{
    private readonly float[] _weights;

    internal MatrixFactorizationPair(string strongModel, string weakModel, float[] weights, double bias)
    {
        StrongModel = strongModel;
        WeakModel = weakModel;
        _weights = weights;
        Bias = bias;
    }

    /// <summary>Gets the strong model's name.</summary>
    public string StrongModel { get; }

    /// <summary>Gets the weak model's name.</summary>
    public string WeakModel { get; }

    /// <summary>Gets the weights w, <c>[embedding dimensions]</c>: the probability for an embedding e is sigmoid(w . e + b).</summary>
    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>Gets the bias b: the difference of the models' biases, less the margin of ties.</summary>
    public double Bias { get; }

    /// <summary>Predicts the win probability of the strong model.</summary>
    /// <param name="embedding">The prompt's embedding, <c>[embedding dimensions]</c>, as the embedder gave it: its length counts, so normalise it only if the training did.</param>
    /// <returns>P(the strong model's answer is better), in [0, 1]; NaN if the embedding's components leave no answer. What a tie counts is said at <see cref="MatrixFactorizationModel"/>.</returns>
    /// <exception cref="ArgumentException">The embedding has another number of dimensions.</exception>
    public double PredictWinProbability(ReadOnlySpan<float> embedding) =>
        embedding.Length == _weights.Length
            ? Sigmoid(TensorPrimitives.Dot(embedding, _weights) + Bias)
            : throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but the model was made for {_weights.Length}. Use the embedder it was made with.", nameof(embedding));

    internal static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));
}
