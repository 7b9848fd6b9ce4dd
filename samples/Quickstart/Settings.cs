namespace RouteLLM.Quickstart;

/// <summary>What the command line says. What it leaves out may still come from the environment; see <see cref="ModelPair"/>.</summary>
internal sealed record Settings
{
    /// <summary>The share of prompts for the strong model if neither it nor a threshold is given.</summary>
    public const double DefaultStrongShare = 0.30;

    /// <summary>OpenAI's list prices for gpt-4o and gpt-4o-mini, the models that the stand-ins stand for.</summary>
    public static readonly Price DefaultStrongPrice = new(2.50, 10.00), DefaultWeakPrice = new(0.15, 0.60);

    public const int DefaultMaxOutputTokens = 400;

    /// <summary>Gets the prompts given as arguments; a single <c>-</c> means standard input.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    public string? PromptsFile { get; init; }

    /// <summary>Gets the strong share in [0, 1]; <see langword="null"/> if <see cref="Threshold"/> is set.</summary>
    public double? StrongShare { get; init; }

    /// <summary>Gets the threshold in [0, 1]; <see langword="null"/> if <see cref="StrongShare"/> is set.</summary>
    public double? Threshold { get; init; }

    public string? StrongModel { get; init; }

    public string? WeakModel { get; init; }

    public string? Endpoint { get; init; }

    public string? ApiKey { get; init; }

    public string? Ollama { get; init; }

    public bool Offline { get; init; }

    public Price StrongPrice { get; init; } = DefaultStrongPrice;

    public Price WeakPrice { get; init; } = DefaultWeakPrice;

    /// <summary>Gets how many tokens an answer may have; also what the answer of a stand-in is counted as.</summary>
    public int MaxOutputTokens { get; init; } = DefaultMaxOutputTokens;

    public bool Plain { get; init; }

    public bool Verbose { get; init; }
}
