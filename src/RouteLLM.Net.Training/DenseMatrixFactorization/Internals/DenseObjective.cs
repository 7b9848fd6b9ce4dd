using System.Numerics.Tensors;

namespace RouteLLM.Training;

/// <summary>The loss of a batch of prompts, and its gradient.</summary>
/// <remarks>
/// Parallel parts write to places of their own, and everything that is summed over a batch is summed in order, so that results do not depend on the number of threads.
/// </remarks>
internal sealed class DenseObjective
{
    // Rows of a batch, and rows of the projection, that a thread takes at a time.
    private const int BatchTile = 8, ProjectionTile = 8;

    private readonly DenseTrainingData _data;
    private readonly DenseParameters _parameters;
    private readonly ParallelOptions _parallel;
    private readonly float[] _embeddings;
    private readonly float[] _projected;
    private readonly float[] _projectedGradient;
    private readonly float[] _directions;
    private readonly float[] _norms;
    private readonly float[] _strengths;
    private readonly float[] _strengthGradient;

    /// <param name="data">The prompts.</param>
    /// <param name="parameters">The parameters, which may change between calls.</param>
    /// <param name="batchSize">The largest number of prompts at a time.</param>
    /// <param name="parallel">How many threads may work at once, and what cancels them.</param>
    public DenseObjective(DenseTrainingData data, DenseParameters parameters, int batchSize, ParallelOptions parallel)
    {
        _data = data;
        _parameters = parameters;
        _parallel = parallel;
        _embeddings = new float[batchSize * parameters.EmbeddingDimensions];
        _projected = new float[batchSize * parameters.Dimensions];
        _projectedGradient = new float[batchSize * parameters.Dimensions];
        _directions = new float[parameters.Models * parameters.Dimensions];
        _norms = new float[parameters.Models];
        _strengths = new float[parameters.Models * parameters.Dimensions];
        _strengthGradient = new float[parameters.Models * parameters.Dimensions];
        BatchSize = batchSize;
        ProjectionGradient = new float[parameters.Projection.Length];
        HeadGradient = new float[parameters.Head.Length];
    }

    public int BatchSize { get; }

    /// <summary>Gets the gradient by the projection, of which <see cref="Backward"/> makes a part at a time.</summary>
    public float[] ProjectionGradient { get; }

    /// <summary>Gets the gradient by the head, which <see cref="Differentiate"/> makes.</summary>
    public float[] HeadGradient { get; }

    /// <summary>Embeds and projects a batch.</summary>
    /// <param name="batch">The prompts, at most <see cref="BatchSize"/>.</param>
    /// <param name="addNoise">Adds noise to the embedding of the batch's prompt of the given position.</param>
    public void Forward(ReadOnlyMemory<int> batch, Action<int, Span<float>>? addNoise = null)
    {
        UpdateStrengths();
        int d = _parameters.EmbeddingDimensions, k = _parameters.Dimensions;
        Parallel.For(0, (batch.Length + BatchTile - 1) / BatchTile, _parallel, tile =>
        {
            int first = tile * BatchTile, count = Math.Min(BatchTile, batch.Length - first);
            for (int i = first; i < first + count; i++)
            {
                Span<float> embedding = _embeddings.AsSpan(i * d, d);
                _data.Embedding(batch.Span[i]).CopyTo(embedding);
                addNoise?.Invoke(i, embedding);
            }

            DenseProducts.MultiplyByTransposed(_embeddings.AsSpan(first * d, count * d), _parameters.Projection, d, _projected.AsSpan(first * k, count * k));
        });
    }

    /// <summary>Gives the difference of two models' strengths for a prompt of the batch that was projected last.</summary>
    public double Difference(int position, int first, int second)
    {
        ReadOnlySpan<float> projected = _projected.AsSpan(position * _parameters.Dimensions, _parameters.Dimensions);
        return (double)TensorPrimitives.Dot(projected, Strength(first)) - TensorPrimitives.Dot(projected, Strength(second)) + _parameters.Biases[first] - _parameters.Biases[second];
    }

    /// <summary>Sums the loss of one prompt of the batch that was projected last.</summary>
    /// <param name="position">The prompt's position in the batch.</param>
    /// <param name="prompt">The prompt.</param>
    /// <returns>The sum of the losses and that of the weights.</returns>
    public (double Loss, double Weight) LossOf(int position, int prompt)
    {
        double margin = _parameters.Margin, loss = 0, weight = 0;
        foreach (ref readonly Comparison comparison in _data.Comparisons(prompt))
        {
            loss += PairwiseLogisticLoss.Evaluate(comparison, Difference(position, comparison.First, comparison.Second), margin).Loss;
            weight += comparison.Weight;
        }

        return (loss, weight);
    }

    /// <summary>Sums the loss over the batch that was projected last, and makes its gradient by the head and by the projected embeddings.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="scale">What gradients are multiplied by.</param>
    /// <returns>The sum of the losses and that of the weights.</returns>
    public (double Loss, double Weight) Differentiate(ReadOnlySpan<int> batch, double scale)
    {
        int k = _parameters.Dimensions;
        double margin = _parameters.Margin, loss = 0, weight = 0, marginGradient = 0;
        Array.Clear(_projectedGradient);
        Array.Clear(_strengthGradient);
        Array.Clear(HeadGradient);
        Span<float> biasGradient = HeadGradient.AsSpan(_parameters.DecayedLength, _parameters.Models);
        for (int i = 0; i < batch.Length; i++)
        {
            ReadOnlySpan<float> projected = _projected.AsSpan(i * k, k);
            Span<float> projectedGradient = _projectedGradient.AsSpan(i * k, k);
            foreach (ref readonly Comparison comparison in _data.Comparisons(batch[i]))
            {
                (double value, double byDifference, double byMargin) = PairwiseLogisticLoss.Evaluate(comparison, Difference(i, comparison.First, comparison.Second), margin);
                loss += value;
                weight += comparison.Weight;
                marginGradient += scale * byMargin;
                float slope = (float)(scale * byDifference);
                biasGradient[comparison.First] += slope;
                biasGradient[comparison.Second] -= slope;
                AddTo(projectedGradient, Strength(comparison.First), slope);
                AddTo(projectedGradient, Strength(comparison.Second), -slope);
                AddTo(_strengthGradient.AsSpan(comparison.First * k, k), projected, slope);
                AddTo(_strengthGradient.AsSpan(comparison.Second * k, k), projected, -slope);
            }
        }

        HeadGradient[^1] = (float)(marginGradient * _parameters.MarginSlope(_parameters.Head[^1]));
        PropagateToItems();
        return (loss, weight);
    }

    /// <summary>Makes the gradient by the projection from that by the projected embeddings, in parts on all threads.</summary>
    /// <param name="size">The size of the batch.</param>
    /// <param name="made">Is told the place and the gradient of each part when it is made; parts may be made at once.</param>
    public void Backward(int size, Action<int, ReadOnlyMemory<float>>? made = null)
    {
        int d = _parameters.EmbeddingDimensions, k = _parameters.Dimensions;
        Parallel.For(0, (k + ProjectionTile - 1) / ProjectionTile, _parallel, tile =>
        {
            int first = tile * ProjectionTile, start = first * d, length = Math.Min(ProjectionTile, k - first) * d;
            DenseProducts.MultiplyTransposed(_projectedGradient.AsSpan(0, size * k), _embeddings.AsSpan(0, size * d), d, first, ProjectionGradient.AsSpan(start, length));
            made?.Invoke(start, ProjectionGradient.AsMemory(start, length));
        });
    }

    private static void AddTo(Span<float> target, ReadOnlySpan<float> vector, float factor) => TensorPrimitives.MultiplyAdd(vector, factor, target, target);

    private ReadOnlySpan<float> Strength(int model) => _strengths.AsSpan(model * _parameters.Dimensions, _parameters.Dimensions);

    private void UpdateStrengths()
    {
        int k = _parameters.Dimensions;
        _parameters.Normalize(_directions, _norms);
        for (int m = 0; m < _parameters.Models; m++)
        {
            TensorPrimitives.Multiply(_directions.AsSpan(m * k, k), _parameters.Components, _strengths.AsSpan(m * k, k));
        }
    }

    /// <summary>From the gradient by v_m = c * p_m / |p_m| to that by p_m and c.</summary>
    private void PropagateToItems()
    {
        int k = _parameters.Dimensions;
        Span<float> componentGradient = HeadGradient.AsSpan(_parameters.Models * k, k);
        for (int m = 0; m < _parameters.Models; m++)
        {
            ReadOnlySpan<float> gradient = _strengthGradient.AsSpan(m * k, k), direction = _directions.AsSpan(m * k, k);
            TensorPrimitives.MultiplyAdd(gradient, direction, componentGradient, componentGradient);
            Span<float> itemGradient = HeadGradient.AsSpan(m * k, k);
            TensorPrimitives.Multiply(gradient, _parameters.Components, itemGradient);
            AddTo(itemGradient, direction, -TensorPrimitives.Dot<float>(itemGradient, direction));
            TensorPrimitives.Divide(itemGradient, _norms[m], itemGradient);
        }
    }
}
