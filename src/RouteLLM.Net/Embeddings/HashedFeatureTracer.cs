using System.Globalization;

namespace RouteLLM;

/// <summary>Keeps where in a text each feature comes from, and says so in words.</summary>
internal readonly struct HashedFeatureTracer() : IHashedFeatureSink
{
    private readonly List<TextSpan> _tokens = [];
    private readonly List<TracedFeature> _features = [];
    private readonly HashSet<int> _buckets = [];

    /// <summary>Traces the features of a text.</summary>
    public static HashedFeatureTracer Trace(string text)
    {
        var tracer = new HashedFeatureTracer();
        HashedTextFeatures.Read(text, tracer);
        return tracer;
    }

    /// <summary>Gets where the tokens stand, in order.</summary>
    public IReadOnlyList<TextSpan> Tokens => _tokens;

    /// <summary>Gets every occurrence of every feature, in the order they were read.</summary>
    public IReadOnlyList<TracedFeature> Features => _features;

    public void BeginToken(int start, int length) => _tokens.Add(new(start, length));

    public void AddBody(uint hash, int firstToken, int tokenCount) =>
        Add(new(HashedTextFeatures.BodyBucket(hash), FeatureKind.Body, hash, firstToken, tokenCount, "", 0));

    public void AddSubword(uint hash, int token, int start) =>
        Add(new(HashedTextFeatures.SubwordBucket(hash), FeatureKind.Subword, hash, token, 1, "", start));

    public void AddEnd(uint hash, int firstToken, int tokenCount, string label) =>
        Add(new(HashedTextFeatures.EndBucket(hash), FeatureKind.Ends, hash, firstToken, tokenCount, label, 0));

    public void AddShape(int bucket, string label, int value) =>
        Add(new(bucket, FeatureKind.Shape, 0, 0, 0, label, value));

    public int Complete() => _buckets.Count;

    /// <summary>Gets the part of the text that a feature is made of: from the beginning of its first token to the end of its last.</summary>
    public TextSpan SpanOf(in TracedFeature feature)
    {
        TextSpan first = _tokens[feature.FirstToken];
        TextSpan last = _tokens[feature.FirstToken + feature.TokenCount - 1];
        return new(first.Start, last.End - first.Start);
    }

    /// <summary>Says what a feature is, such as <c>"prove that"</c>, <c>starts with "write"</c> or <c>length 120</c>.</summary>
    public string Describe(in TracedFeature feature, string text)
    {
        if (feature.Kind == FeatureKind.Shape)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{feature.Label} {feature.Value}");
        }

        if (feature.TokenCount == 0)
        {
            return $"{feature.Label} nothing";
        }

        if (feature.Kind == FeatureKind.Subword)
        {
            TextSpan word = _tokens[feature.FirstToken];
            int start = Math.Max(feature.Value, 0);
            int stop = Math.Min(feature.Value + HashedTextFeatures.SubwordLength, word.Length);
            return $"\"{(feature.Value < 0 ? "" : "-")}{text.Substring(word.Start + start, stop - start).ToLowerInvariant()}{(feature.Value + HashedTextFeatures.SubwordLength > word.Length ? "" : "-")}\"";
        }

        // As the tokens are read: in lower case, and with at most one space between them.
        string words = "";
        int end = -1;
        for (int i = feature.FirstToken; i < feature.FirstToken + feature.TokenCount; i++)
        {
            TextSpan token = _tokens[i];
            words += (end >= 0 && token.Start > end ? " " : "") + text.Substring(token.Start, token.Length).ToLowerInvariant();
            end = token.End;
        }

        return feature.Label.Length == 0 ? $"\"{words}\"" : $"{feature.Label} \"{words}\"";
    }

    private void Add(TracedFeature feature)
    {
        _features.Add(feature);
        _buckets.Add(feature.Bucket);
    }
}
