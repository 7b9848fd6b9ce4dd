namespace RouteLLM;

/// <summary>Why a router gave a prompt its win probability: what every feature, and what every word, added to the score.</summary>
/// <remarks>
/// <para>
/// The score is additive: <see cref="Score"/> = <see cref="Bias"/> + the weights of <see cref="Contributions"/>, and also = <see cref="Bias"/> + <see cref="ShapeWeight"/> + the weights of <see cref="Words"/>, but for rounding.
/// These are the terms of the model itself, not an approximation of it.
/// </para>
/// <para>
/// Where two features share a bucket, or a feature occurs several times and counts once, the weight is divided evenly among the occurrences; and that of a feature of several words evenly among these words.
/// An explanation quotes the prompt: treat it as you treat prompts.
/// </para>
/// </remarks>
public sealed class PredictionExplanation
{
    private PredictionExplanation(string prompt, double score, double winProbability, double bias, double shapeWeight, FeatureContribution[] contributions, WordContribution[] words)
    {
        Prompt = prompt;
        Score = score;
        WinProbability = winProbability;
        Bias = bias;
        ShapeWeight = shapeWeight;
        Contributions = contributions;
        Words = words;
    }

    /// <summary>Gets the prompt that was scored, which the spans point into.</summary>
    public string Prompt { get; }

    /// <summary>Gets P(the strong model's answer is better), in [0, 1], as the router predicts it.</summary>
    public double WinProbability { get; }

    /// <summary>Gets the score that the probability is made of, its logit: log(p / (1 - p)).</summary>
    public double Score { get; }

    /// <summary>Gets the part of the score that no feature of the prompt has a share in.</summary>
    public double Bias { get; }

    /// <summary>Gets the part of the score that stems from features that are made of no word, such as length.</summary>
    public double ShapeWeight { get; }

    /// <summary>Gets what each feature that the router knows added, the weightiest first, whichever model it spoke for.</summary>
    public IReadOnlyList<FeatureContribution> Contributions { get; }

    /// <summary>Gets what each word that was read added, in the order of the text. Of a very long prompt, the beginning and the end are read (see <see cref="HashedTextFeatures"/>).</summary>
    public IReadOnlyList<WordContribution> Words { get; }

    /// <summary>Explains a score that is a bias and a sum over buckets.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="score">The score, as the router computes it.</param>
    /// <param name="bias">The bias.</param>
    /// <param name="weightOf">What a bucket adds if it occurs so often, or nothing if the router does not know it.</param>
    internal static PredictionExplanation Create(string prompt, double score, double bias, Func<int, int, double?> weightOf)
    {
        HashedFeatureTracer trace = HashedFeatureTracer.Trace(prompt);
        Dictionary<int, double?> shares = trace.Features.GroupBy(static feature => feature.Bucket)
            .ToDictionary(static bucket => bucket.Key, bucket => weightOf(bucket.Key, bucket.Count()) / bucket.Count());
        var contributions = new List<FeatureContribution>();
        var words = new double[trace.Tokens.Count];
        double shape = 0;
        foreach (IGrouping<(int, uint, string), TracedFeature> same in trace.Features.GroupBy(static feature => (feature.Bucket, feature.Hash, feature.Label)))
        {
            TracedFeature first = same.First();
            if (shares[first.Bucket] is not { } share)
            {
                continue;
            }

            TextSpan[] spans = [.. same.Where(static feature => feature.TokenCount > 0).Select(feature => trace.SpanOf(feature))];
            contributions.Add(new(first.Kind, trace.Describe(first, prompt), spans, share * same.Count()));
            foreach (TracedFeature feature in same)
            {
                foreach (ref double word in words.AsSpan(feature.FirstToken, feature.TokenCount))
                {
                    word += share / feature.TokenCount;
                }

                shape += feature.TokenCount == 0 ? share : 0;
            }
        }

        return new(
            prompt,
            score,
            1 / (1 + Math.Exp(-score)),
            bias,
            shape,
            [.. contributions.OrderByDescending(static contribution => Math.Abs(contribution.Weight))],
            [.. words.Select((weight, i) => new WordContribution(trace.Tokens[i], weight))]);
    }
}
