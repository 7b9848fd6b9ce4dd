namespace RouteLLM.Training;

/// <summary>Gathers labels, and counts what gave none.</summary>
internal sealed class LabelBuilder(TieReading ties)
{
    private readonly List<LabeledPrompt> _labels = [];
    private readonly Dictionary<LabelDropReason, int> _dropped = [];

    public void Drop(LabelDropReason reason) => _dropped[reason] = _dropped.GetValueOrDefault(reason) + 1;

    /// <summary>Adds the label of a prompt.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="win">P(the strong model wins).</param>
    /// <param name="loss">P(the weak model wins); what is left is P(tie).</param>
    /// <param name="group">The group, or <see langword="null"/>.</param>
    public void Add(string? prompt, double win, double loss, string? group = null)
    {
        if (string.IsNullOrWhiteSpace(prompt))
        {
            Drop(LabelDropReason.NoPrompt);
            return;
        }

        double decided = win + loss;
        switch (ties)
        {
            case TieReading.NotAWin:
                _labels.Add(new LabeledPrompt(prompt, win, 1, group));
                break;
            case TieReading.HalfWin:
                _labels.Add(new LabeledPrompt(prompt, (1 + win - loss) / 2, 1, group));
                break;
            default:
                if (decided == 0)
                {
                    Drop(LabelDropReason.Tie);
                }
                else
                {
                    _labels.Add(new LabeledPrompt(prompt, win / decided, decided, group));
                }

                break;
        }
    }

    public LabelingResult Build() => new(_labels, _dropped);
}
