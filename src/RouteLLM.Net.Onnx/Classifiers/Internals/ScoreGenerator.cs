using System.Numerics.Tensors;

namespace RouteLLM.Onnx;

/// <summary>Generates greedily until a score comes, and reads the probabilities of all scores at that step.</summary>
internal sealed class ScoreGenerator
{
    private readonly CausalSession _session;
    private readonly int[] _scoreIds;
    private readonly int[] _endIds;
    private readonly int _threshold;
    private readonly int _maxNewTokens;

    /// <param name="session">Runs the model.</param>
    /// <param name="scoreIds">The ids of scores, from the lowest.</param>
    /// <param name="endIds">The ids that end an answer.</param>
    /// <param name="options">The threshold, and how many tokens an answer has at most.</param>
    public ScoreGenerator(CausalSession session, int[] scoreIds, IEnumerable<int> endIds, CausalClassifierOptions options)
    {
        _session = session;
        _scoreIds = scoreIds;
        _endIds = [.. endIds];
        _threshold = options.ScoreThreshold;
        _maxNewTokens = options.MaxNewTokens;
    }

    /// <summary>Gives 1 less the probability of a score of at least the threshold, or 1 if no score comes.</summary>
    /// <exception cref="OnnxModelException">The model cannot be run, or gives no number.</exception>
    public double WinProbability(ReadOnlySpan<int> prompt, CancellationToken cancellationToken)
    {
        if (Generate(prompt, cancellationToken) is not { } logits)
        {
            return 1;
        }

        double highest = TensorPrimitives.Max<float>(logits);
        double all = 0, weak = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double weight = Math.Exp(logits[i] - highest);
            all += weight;
            weak += i + 1 >= _threshold ? weight : 0;
        }

        return 1 - (weak / all);
    }

    /// <summary>Gives the logits of the scores at the step that chooses one, or <see langword="null"/> if none does.</summary>
    internal float[]? Generate(ReadOnlySpan<int> prompt, CancellationToken cancellationToken)
    {
        using CausalRun run = _session.Start(prompt);
        for (int step = 0; step < _maxNewTokens; step++)
        {
            ReadOnlySpan<float> logits = run.Next(cancellationToken);
            if (_scoreIds.Max() >= logits.Length)
            {
                throw _session.Model.Problem($"it has {logits.Length} tokens, and its tokenizer gives a score the id {_scoreIds.Max()}: they do not belong together. Copy the tokenizer of the model that was exported.");
            }

            int chosen = TensorPrimitives.IndexOfMax(logits);
            if (!float.IsFinite(logits[chosen]))
            {
                throw _session.Model.Problem($"its logits are not finite (token {chosen}, step {step}: {logits[chosen]}). Export it again, in 32 bits if it was 16.");
            }

            if (_scoreIds.Contains(chosen))
            {
                return Scores(logits);
            }

            if (_endIds.Contains(chosen))
            {
                return null;
            }

            run.Append(chosen);
        }

        return null;
    }

    private float[] Scores(ReadOnlySpan<float> logits)
    {
        float[] scores = new float[_scoreIds.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = logits[_scoreIds[i]];
            if (float.IsNaN(scores[i]))
            {
                throw _session.Model.Problem($"its logits are not finite (token {_scoreIds[i]}: {scores[i]}). Export it again, in 32 bits if it was 16.");
            }
        }

        return scores;
    }
}
