using System.Numerics.Tensors;

namespace RouteLLM.Training;

/// <summary>The parameters of a matrix factorisation over embeddings: RouteLLM's, and a bias for each model and the margin of ties.</summary>
/// <remarks>
/// The strength of model m is c . (p_m * W e) + b_m, where p_m is the model's vector divided by its norm and * multiplies component by component (RouteLLM, <c>train_matrix_factorization.py</c>). All but W is one vector, the head:
/// the models' vectors <c>[models, dimensions]</c>, c <c>[dimensions]</c>, b <c>[models]</c>, log eta.
/// </remarks>
internal sealed class DenseParameters
{
    private const double SmallestMargin = 0.01, LargestMargin = 10;

    /// <param name="models">The number of models.</param>
    /// <param name="dimensions">The number of dimensions of the models' vectors.</param>
    /// <param name="embeddingDimensions">The number of dimensions of embeddings.</param>
    /// <param name="tieShare">The share of ties, of which the first margin is made; with 0 there is no margin.</param>
    public DenseParameters(int models, int dimensions, int embeddingDimensions, double tieShare)
    {
        Models = models;
        Dimensions = dimensions;
        EmbeddingDimensions = embeddingDimensions;
        HasMargin = tieShare > 1e-9;
        Projection = new float[dimensions * embeddingDimensions];
        Head = new float[((models + 1) * dimensions) + models + 1];
        if (HasMargin)
        {
            // Between equal models, a tie has the probability tanh(eta / 2).
            Head[^1] = (float)Math.Log(Math.Clamp(2 * Math.Atanh(Math.Min(tieShare, 0.9999)), SmallestMargin, LargestMargin));
        }
    }

    private DenseParameters(DenseParameters other)
    {
        Models = other.Models;
        Dimensions = other.Dimensions;
        EmbeddingDimensions = other.EmbeddingDimensions;
        HasMargin = other.HasMargin;
        Projection = [.. other.Projection];
        Head = [.. other.Head];
    }

    public int Models { get; }

    public int Dimensions { get; }

    public int EmbeddingDimensions { get; }

    public bool HasMargin { get; }

    /// <summary>Gets W, <c>[dimensions, embedding dimensions]</c>.</summary>
    public float[] Projection { get; }

    /// <summary>Gets everything else as one vector.</summary>
    public float[] Head { get; }

    /// <summary>Gets the number of parameters at the beginning of the head that weight decay applies to: vectors and c, but not biases and margin.</summary>
    public int DecayedLength => (Models + 1) * Dimensions;

    public Span<float> Components => Head.AsSpan(Models * Dimensions, Dimensions);

    public Span<float> Biases => Head.AsSpan(DecayedLength, Models);

    public double Margin => MarginOf(Head[^1]);

    /// <summary>Gives the margin eta of its logarithm; it stays within bounds.</summary>
    public double MarginOf(double logMargin) => HasMargin ? Math.Clamp(Math.Exp(logMargin), SmallestMargin, LargestMargin) : 0;

    /// <summary>Gives the derivative of <see cref="MarginOf"/>.</summary>
    public double MarginSlope(double logMargin) => HasMargin && Math.Exp(logMargin) is > SmallestMargin and < LargestMargin ? Math.Exp(logMargin) : 0;

    /// <summary>Draws the projection, the vectors and c as PyTorch's layers do at first: uniform within one over the root of the inputs, and Gaussian.</summary>
    public void Draw(Random random, NoiseTable gaussian)
    {
        Uniform(Projection, EmbeddingDimensions);
        Uniform(Components, Dimensions);
        for (int m = 0; m < Models; m++)
        {
            gaussian.From(NoiseTable.DrawPlace(random), Dimensions).CopyTo(Head.AsSpan(m * Dimensions));
        }

        void Uniform(Span<float> weights, int inputs)
        {
            double bound = 1 / Math.Sqrt(inputs);
            foreach (ref float weight in weights)
            {
                weight = (float)(bound * ((2 * random.NextDouble()) - 1));
            }
        }
    }

    /// <summary>Gives the models' vectors divided by their norms, <c>[models, dimensions]</c>, and the norms.</summary>
    public void Normalize(Span<float> directions, Span<float> norms)
    {
        for (int m = 0; m < Models; m++)
        {
            ReadOnlySpan<float> item = Head.AsSpan(m * Dimensions, Dimensions);
            norms[m] = Math.Max(TensorPrimitives.Norm(item), 1e-12f);
            TensorPrimitives.Divide(item, norms[m], directions.Slice(m * Dimensions, Dimensions));
        }
    }

    /// <summary>Gives v_m = c * p_m, which with W e give the strengths, <c>[models, dimensions]</c>.</summary>
    public float[] Strengths()
    {
        var strengths = new float[Models * Dimensions];
        Normalize(strengths, new float[Models]);
        for (int m = 0; m < Models; m++)
        {
            Span<float> strength = strengths.AsSpan(m * Dimensions, Dimensions);
            TensorPrimitives.Multiply(strength, Components, strength);
        }

        return strengths;
    }

    public DenseParameters Copy() => new(this);

    public bool AreFinite() => float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(Projection)) && float.IsFinite(TensorPrimitives.SumOfMagnitudes<float>(Head));
}
