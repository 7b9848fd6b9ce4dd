using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RouteLLM.Training;

/// <summary>The prompts of a training, checked: models as indices, ties handled, embeddings, and which prompts are held out.</summary>
internal sealed class DenseTrainingData
{
    private readonly ReadOnlyMemory<float> _embeddings;
    private readonly int[] _embeddingRows;
    private readonly Comparison[][] _comparisons;

    /// <param name="prompts">The prompts.</param>
    /// <param name="embeddings">Embeddings, <c>[n, d]</c>.</param>
    /// <param name="embeddingRows">For each prompt, the row of its embedding.</param>
    /// <param name="options">The options, validated.</param>
    public DenseTrainingData(IReadOnlyList<TrainingPrompt> prompts, ReadOnlyMemory<float> embeddings, int[] embeddingRows, DenseMatrixFactorizationTrainingOptions options)
    {
        _embeddings = embeddings;
        _embeddingRows = embeddingRows;
        EmbeddingDimensions = embeddings.Length / (embeddingRows.Max() + 1);
        CheckFinite();

        Models = [.. new[] { options.StrongModel, options.WeakModel }.Concat(prompts.SelectMany(static p => p.Outcomes).SelectMany(static o => new[] { o.First, o.Second })).Distinct(StringComparer.Ordinal)];
        Dictionary<string, int> indices = Models.Index().ToDictionary(static model => model.Item, static model => model.Index, StringComparer.Ordinal);
        _comparisons = [.. prompts.Select((prompt, i) => prompt.Outcomes.SelectMany(outcome => Handle(Checked(outcome, i, indices), i, options.Ties)).Where(static c => c.Weight > 0).ToArray())];
        CheckLearnable(options);

        int[] telling = [.. Enumerable.Range(0, prompts.Count).Where(i => _comparisons[i].Length > 0)];
        bool[] heldOut = HoldOut(telling, [.. prompts.Select((prompt, i) => GroupOf(prompt, i))], options);
        Training = [.. telling.Where(i => !heldOut[i])];
        HeldOut = [.. telling.Where(i => heldOut[i])];
        MeanWeight = Training.Sum(i => _comparisons[i].Sum(static c => c.Weight)) / Training.Length;
    }

    /// <summary>Gets the models' names; the default pair comes first, the strong model before the weak one.</summary>
    public string[] Models { get; }

    public int EmbeddingDimensions { get; }

    /// <summary>Gets the prompts to train on.</summary>
    public int[] Training { get; }

    /// <summary>Gets the prompts held out.</summary>
    public int[] HeldOut { get; }

    /// <summary>Gets the mean weight of a training prompt's comparisons.</summary>
    public double MeanWeight { get; }

    public ReadOnlySpan<Comparison> Comparisons(int prompt) => _comparisons[prompt];

    public ReadOnlySpan<float> Embedding(int prompt) => _embeddings.Span.Slice(_embeddingRows[prompt] * EmbeddingDimensions, EmbeddingDimensions);

    /// <summary>Gives the probability of a tie in the training prompts' comparisons that know of ties.</summary>
    public double TieShare()
    {
        double ties = 0, weight = 0;
        foreach (Comparison comparison in Training.SelectMany(i => _comparisons[i]).Where(static c => !double.IsNaN(c.SecondWins)))
        {
            ties += comparison.Weight * Math.Max(0, 1 - comparison.FirstWins - comparison.SecondWins);
            weight += comparison.Weight;
        }

        return weight > 0 ? ties / weight : 0;
    }

    private static Comparison Checked(PairOutcome outcome, int prompt, Dictionary<string, int> indices)
    {
        double second = outcome.SecondWins ?? 0;
        bool valid = outcome.First != outcome.Second && outcome.FirstWins is >= 0 and <= 1 && second is >= 0 and <= 1 && outcome.FirstWins + second <= 1 + 1e-9 && outcome.Weight is >= 0 and < double.PositiveInfinity;
        return valid
            ? new Comparison(indices[outcome.First], indices[outcome.Second], outcome.FirstWins, outcome.SecondWins ?? double.NaN, outcome.Weight)
            : throw new ArgumentException($"Prompt {prompt} has the outcome {outcome}, which is not valid: it is of two different models, probabilities and their sum lie in [0, 1], and a weight is finite and at least 0.");
    }

    private static IEnumerable<Comparison> Handle(Comparison comparison, int prompt, TieHandling ties)
    {
        if (ties != TieHandling.Margin && double.IsNaN(comparison.SecondWins))
        {
            throw new ArgumentException($"An outcome of prompt {prompt} does not say whether the first model ties or loses when it does not win, so that ties cannot be left out or halved. Use {nameof(TieHandling)}.{nameof(TieHandling.Margin)}.");
        }

        double decided = comparison.FirstWins + comparison.SecondWins;
        if (ties == TieHandling.HalfWin)
        {
            double first = Math.Clamp((1 + comparison.FirstWins - comparison.SecondWins) / 2, 0, 1);
            yield return comparison with { FirstWins = first, SecondWins = 1 - first };
        }
        else if (ties == TieHandling.Margin)
        {
            yield return comparison;
        }
        else if (decided > 0)
        {
            double first = comparison.FirstWins / decided;
            yield return comparison with { FirstWins = first, SecondWins = 1 - first, Weight = comparison.Weight * decided };
        }
    }

    private void CheckFinite()
    {
        for (int i = 0; i < _embeddingRows.Length; i++)
        {
            ReadOnlySpan<float> embedding = Embedding(i);
            if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(embedding)))
            {
                int component = 0;
                while (component < embedding.Length - 1 && float.IsFinite(embedding[component]))
                {
                    component++;
                }

                throw new ArgumentException($"The embedding of prompt {i} has {embedding[component]} as component {component}; expected finite numbers of moderate size. Embed the prompt again, or leave it out.");
            }
        }
    }

    /// <summary>Throws if nothing is said of the default pair, or no outcome depends on the prompt.</summary>
    private void CheckLearnable(DenseMatrixFactorizationTrainingOptions options)
    {
        var seen = new Dictionary<(int, int), (double, double)>();
        var known = new bool[Models.Length];
        bool differs = false;
        foreach (Comparison c in _comparisons.SelectMany(static c => c))
        {
            known[c.First] = known[c.Second] = true;
            (int, int) pair = c.First < c.Second ? (c.First, c.Second) : (c.Second, c.First);
            (double, double) outcome = c.First < c.Second || double.IsNaN(c.SecondWins) ? (c.FirstWins, c.SecondWins) : (c.SecondWins, c.FirstWins);
            
            // Equals, for which what is not known (NaN) equals itself.
            differs |= !seen.TryAdd(pair, outcome) && !seen[pair].Equals(outcome);
        }

        if (seen.Count == 0)
        {
            throw new ArgumentException($"No prompt has an outcome that is left after ties are handled ({options.Ties}); there is nothing to learn from.");
        }

        if (Array.IndexOf(known, false) is var missing && missing >= 0)
        {
            throw new ArgumentException($"No outcome is of '{Models[missing]}', a model of the default pair. There are outcomes of {string.Join(", ", Models.Where((_, m) => known[m]))}.");
        }

        if (!differs)
        {
            throw new ArgumentException("Each two models have the same outcome on all their prompts, so that nothing can be learned about prompts; outcomes of both kinds are needed.");
        }
    }

    // Prompts whose text is not known are the same if their embeddings are.
    private string GroupOf(TrainingPrompt prompt, int index) =>
        prompt.Group ?? (prompt.Prompt.Length > 0 ? prompt.Prompt : Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(Embedding(index)))));

    /// <summary>Chooses groups to hold out in an order that depends on their names and the seed alone; a group without which a model would have nothing to learn from is passed over.</summary>
    private bool[] HoldOut(int[] telling, string[] groups, DenseMatrixFactorizationTrainingOptions options)
    {
        var heldOut = new bool[groups.Length];
        if (options.HeldOutFraction == 0)
        {
            return heldOut;
        }

        var left = new int[Models.Length];
        foreach (Comparison comparison in _comparisons.SelectMany(static c => c))
        {
            left[comparison.First]++;
            left[comparison.Second]++;
        }

        (string Name, int[] Members)[] candidates = [.. telling.GroupBy(i => groups[i], StringComparer.Ordinal).Select(static g => (g.Key, g.ToArray())).OrderBy(g => Hash(g.Key, options.Seed)).ThenBy(static g => g.Key, StringComparer.Ordinal)];
        int wanted = (int)Math.Ceiling(options.HeldOutFraction * candidates.Length);
        foreach ((_, int[] members) in candidates)
        {
            if (wanted == 0)
            {
                break;
            }

            var counts = new int[Models.Length];
            foreach (Comparison comparison in members.SelectMany(i => _comparisons[i]))
            {
                counts[comparison.First]++;
                counts[comparison.Second]++;
            }

            if (!counts.Where((count, m) => count > 0 && count == left[m]).Any())
            {
                wanted--;
                foreach (int i in members)
                {
                    heldOut[i] = true;
                }

                for (int m = 0; m < left.Length; m++)
                {
                    left[m] -= counts[m];
                }
            }
        }

        return heldOut.Contains(true)
            ? heldOut
            : throw new ArgumentException(
                $"Of {telling.Length} prompts in {candidates.Length} groups none can be held out and leave outcomes of every model to train on. Add prompts, or set {nameof(options.HeldOutFraction)} to 0 to train without.");
    }

    private static ulong Hash(string group, int seed)
    {
        byte[] bytes = new byte[sizeof(int) + Encoding.Unicode.GetByteCount(group)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, seed);
        MemoryMarshal.AsBytes(group.AsSpan()).CopyTo(bytes.AsSpan(sizeof(int)));
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(bytes));
    }
}
