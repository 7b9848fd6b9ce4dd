namespace RouteLLM.Cli.Commands.Training;

/// <summary>What training gave.</summary>
/// <param name="Bytes">The artifact.</param>
/// <param name="HeldOut">For each row of the data, the win probability by a model that was fitted without it, NaN where there is none; <see langword="null"/> if the kind has other measures.</param>
/// <param name="Measures">What the kind itself says of the quality, by name.</param>
/// <param name="Warnings">What the user should know.</param>
internal sealed record TrainedArtifact(ReadOnlyMemory<byte> Bytes, IReadOnlyList<double>? HeldOut, IReadOnlyDictionary<string, double> Measures, IReadOnlyList<string> Warnings);
