namespace RouteLLM.Training;

/// <summary>A router adapted to a domain.</summary>
/// <param name="Router">The router, as loaded from <paramref name="Artifact"/>.</param>
/// <param name="Artifact">The artifact, an ordinary one of its kind, as bytes of a safetensors file.</param>
/// <param name="KeepsOriginal">Whether cross-validation found nothing worth changing, so that the router scores as the original does.</param>
/// <param name="Scale">What the original's logit is multiplied by.</param>
/// <param name="Offset">What is added to the logit of every prompt.</param>
/// <param name="FeaturePenalty">The ridge chosen for corrections of words and other features; positive infinity if there are none.</param>
/// <param name="HeldOut">For each row, in the order of the sets, the win probability by a router that was fitted, with the penalty chosen on all rows, without the row's group.</param>
/// <param name="Report">The quality before and after, or <see langword="null"/> if it was not to be assessed.</param>
public sealed record AdaptedRouter(
    IRouter Router, ReadOnlyMemory<byte> Artifact, bool KeepsOriginal, double Scale, double Offset, double FeaturePenalty, IReadOnlyList<double> HeldOut, AdaptationReport? Report);
