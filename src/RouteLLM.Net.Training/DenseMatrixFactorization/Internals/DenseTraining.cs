using System.Numerics.Tensors;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>One training: epochs until the loss on the prompts held out no longer falls.</summary>
internal sealed class DenseTraining
{
    private const double BiasPenalty = 1e-3;
    private const int LargestBatch = 64, SmallestBatch = 8, StepsPerEpoch = 100;

    private readonly DenseTrainingData _data;
    private readonly DenseMatrixFactorizationTrainingOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly int _batchSize;
    private readonly ParallelOptions _parallel;
    private readonly Random _random;
    private readonly NoiseTable _noise;
    private readonly List<DenseMatrixFactorizationEpoch> _epochs = [];

    public DenseTraining(DenseTrainingData data, DenseMatrixFactorizationTrainingOptions options, CancellationToken cancellationToken)
    {
        _data = data;
        _options = options;
        _cancellationToken = cancellationToken;
        _batchSize = Math.Min(options.BatchSize ?? Math.Clamp(data.Training.Length / StepsPerEpoch, SmallestBatch, LargestBatch), data.Training.Length);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellationToken };
        _random = new Random(options.Seed);
        _noise = new NoiseTable(_random, Math.Max(data.EmbeddingDimensions, options.Dimensions));
    }

    /// <summary>Gets how each epoch went.</summary>
    public IReadOnlyList<DenseMatrixFactorizationEpoch> Epochs => _epochs;

    /// <summary>Gets the number of the epoch that the weights are of.</summary>
    public int BestEpoch { get; private set; }

    /// <summary>Trains.</summary>
    /// <returns>The parameters of the best epoch; of the last one, if nothing is held out.</returns>
    /// <exception cref="InvalidOperationException">The parameters are no longer finite.</exception>
    public DenseParameters Run(IProgress<DenseMatrixFactorizationEpoch>? progress)
    {
        var parameters = new DenseParameters(_data.Models.Length, _options.Dimensions, _data.EmbeddingDimensions, _data.TieShare());
        parameters.Draw(_random, _noise);
        FitBiases(parameters);
        DenseParameters best = parameters;
        var objective = new DenseObjective(_data, parameters, _batchSize, _parallel);
        var projectionOptimizer = new AdamOptimizer(parameters.Projection, _options.LearningRate);
        var headOptimizer = new AdamOptimizer(parameters.Head, _options.LearningRate);
        int[] order = [.. _data.Training];
        int step = 0;
        double lowest = double.PositiveInfinity;
        for (int epoch = 1; epoch <= _options.MaxEpochs && epoch - BestEpoch <= _options.Patience; epoch++)
        {
            _random.Shuffle(order);
            double loss = 0, weight = 0;
            for (int start = 0; start < order.Length; start += _batchSize)
            {
                _cancellationToken.ThrowIfCancellationRequested();
                (double Loss, double Weight) batch = Step(objective, order.AsMemory(start, Math.Min(_batchSize, order.Length - start)), parameters, projectionOptimizer, headOptimizer, ++step);
                loss += batch.Loss;
                weight += batch.Weight;
            }

            (double? heldOutLoss, double? apgr) = Evaluate(objective);
            if (!double.IsFinite(loss) || !double.IsFinite(heldOutLoss ?? 0) || !parameters.AreFinite())
            {
                throw new InvalidOperationException($"Training diverged in epoch {epoch}: weights or loss are no longer finite. Lower {nameof(_options.LearningRate)} ({_options.LearningRate}), or scale the embeddings down.");
            }

            bool isBest = heldOutLoss is null || heldOutLoss < lowest;
            if (isBest)
            {
                BestEpoch = epoch;
                lowest = heldOutLoss ?? lowest;
                best = heldOutLoss is null ? parameters : parameters.Copy();
            }

            _epochs.Add(new DenseMatrixFactorizationEpoch(epoch, loss / weight, heldOutLoss, apgr, isBest));
            progress?.Report(_epochs[^1]);
        }

        return best;
    }

    private (double Loss, double Weight) Step(
        DenseObjective objective, ReadOnlyMemory<int> batch, DenseParameters parameters, AdamOptimizer projectionOptimizer, AdamOptimizer headOptimizer, int step)
    {
        int d = parameters.EmbeddingDimensions;
        if (_options.Noise > 0)
        {
            // Drawn here, in order, and not where they are used, on any thread.
            int[] places = [.. Enumerable.Range(0, batch.Length).Select(_ => NoiseTable.DrawPlace(_random))];
            objective.Forward(batch, (i, embedding) => TensorPrimitives.MultiplyAdd(_noise.From(places[i], d), (float)_options.Noise, embedding, embedding));
        }
        else
        {
            objective.Forward(batch);
        }

        (double Loss, double Weight) sums = objective.Differentiate(batch.Span, 1 / (batch.Length * _data.MeanWeight));
        objective.Backward(batch.Length, (start, gradient) => projectionOptimizer.Step(step, start, gradient.Span, _options.WeightDecay));
        headOptimizer.Step(step, 0, objective.HeadGradient.AsSpan(0, parameters.DecayedLength), _options.WeightDecay);
        headOptimizer.Step(step, parameters.DecayedLength, objective.HeadGradient.AsSpan(parameters.DecayedLength), weightDecay: 0);
        return sums;
    }

    /// <summary>Fits biases and margin as if nothing were known of prompts: Bradley and Terry's model, or Rao and Kupper's.</summary>
    private void FitBiases(DenseParameters parameters)
    {
        int models = parameters.Models;
        Comparison[] comparisons = [.. _data.Training.SelectMany(i => _data.Comparisons(i).ToArray())];
        double weight = comparisons.Sum(static c => c.Weight);
        float[] point = parameters.Head[parameters.DecayedLength..];
        LimitedMemoryBfgs.Minimize(Objective, point, maxIterations: 200, tolerance: 1e-9, _cancellationToken);
        point.CopyTo(parameters.Head, parameters.DecayedLength);

        double Objective(float[] at, float[] gradient)
        {
            var slopes = new double[at.Length];
            double margin = parameters.MarginOf(at[^1]), value = 0;
            foreach (ref readonly Comparison c in comparisons.AsSpan())
            {
                (double loss, double byDifference, double byMargin) = PairwiseLogisticLoss.Evaluate(c, (double)at[c.First] - at[c.Second], margin);
                value += loss;
                slopes[c.First] += byDifference;
                slopes[c.Second] -= byDifference;
                slopes[^1] += byMargin * parameters.MarginSlope(at[^1]);
            }

            value /= weight;
            for (int i = 0; i < at.Length; i++)
            {
                double pull = i < models ? BiasPenalty * at[i] : 0;
                value += pull * at[i] / 2;
                gradient[i] = (float)((slopes[i] / weight) + pull);
            }

            return value;
        }
    }

    private (double? Loss, double? Apgr) Evaluate(DenseObjective objective)
    {
        if (_data.HeldOut.Length == 0)
        {
            return (null, null);
        }

        double loss = 0, weight = 0;
        var scores = new List<double>();
        var gains = new List<double>();
        ForEachHeldOut(objective, (i, prompt) =>
        {
            (double promptLoss, double promptWeight) = objective.LossOf(i, prompt);
            loss += promptLoss;
            weight += promptWeight;
            foreach (Comparison c in _data.Comparisons(prompt))
            {
                // The default pair are the first two models, the strong one before the weak one.
                if (c.First + c.Second == 1)
                {
                    scores.Add(MatrixFactorizationPair.Sigmoid(objective.Difference(i, 0, 1)));
                    double second = double.IsNaN(c.SecondWins) ? 0 : c.SecondWins;
                    gains.Add(c.First == 0 ? c.FirstWins - second : second - c.FirstWins);
                }
            }
        });
        double apgr = scores.Count == 0 || !double.IsFinite(loss) ? double.NaN : CostQualityCurve.Create(scores.ToArray(), gains.ToArray(), new double[gains.Count]).Apgr;
        return (loss / weight, double.IsFinite(apgr) ? apgr : null);
    }

    private void ForEachHeldOut(DenseObjective objective, Action<int, int> visit)
    {
        for (int start = 0; start < _data.HeldOut.Length; start += objective.BatchSize)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            ReadOnlyMemory<int> batch = _data.HeldOut.AsMemory(start, Math.Min(objective.BatchSize, _data.HeldOut.Length - start));
            objective.Forward(batch);
            for (int i = 0; i < batch.Length; i++)
            {
                visit(i, batch.Span[i]);
            }
        }
    }
}
