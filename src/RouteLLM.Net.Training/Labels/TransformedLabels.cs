namespace RouteLLM.Training;

/// <summary>Labels with a quality gap allowed to the weak model, and how they differ from those without.</summary>
/// <param name="Labeling">The labels, and how many rows gave none.</param>
/// <param name="Gap">The gap t, at least 0: the strong model must be better by more than this to win.</param>
/// <param name="Contrast">The mean absolute difference of two labels, over all pairs of rows, in [0, 0.5].</param>
/// <param name="ContrastWithoutGap">The same with a gap of 0: what the gap is to improve.</param>
public sealed record TransformedLabels(LabelingResult Labeling, double Gap, double Contrast, double ContrastWithoutGap);
