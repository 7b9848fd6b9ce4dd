namespace RouteLLM.Samples.CollectLabels;

internal enum ScorerKind
{
    Number,
    Text,
    Choice,
    Judge,
    Rating,
}
