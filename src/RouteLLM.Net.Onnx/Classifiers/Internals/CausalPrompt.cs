namespace RouteLLM.Onnx;

/// <summary>Writes the request to a causal classifier around a prompt: a system message and the user's message with the prompt in it. No header of an answer follows, as in RouteLLM.</summary>
internal sealed class CausalPrompt
{
    private const string Question = "{question}", SystemFile = "system_ft_v5.txt", ClassifierFile = "classifier_ft_v5.txt";

    private readonly int? _longest;
    private readonly int _ownTokens;
    private readonly string _before;
    private readonly string _after;
    private readonly bool _trimsStart;
    private readonly bool _trimsEnd;

    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="format">How the model writes messages.</param>
    /// <param name="longest">How many tokens a request has at most, or <see langword="null"/>.</param>
    /// <param name="options">The messages.</param>
    /// <param name="model">The model, for what is wrong.</param>
    /// <exception cref="OnnxModelException">A message is missing, or leaves no room for a prompt.</exception>
    public CausalPrompt(PromptTokenizer tokenizer, CausalPromptFormat format, int? longest, CausalClassifierOptions options, OnnxModel model)
    {
        // Whatever is too long is cut here, inside the prompt and not at the end of the request.
        Tokenizer = tokenizer.WithMaxLength(null);
        _longest = longest;
        string system = (options.SystemMessage ?? Read(model, SystemFile, nameof(CausalClassifierOptions.SystemMessage))).Trim();
        string classifier = options.ClassifierMessage ?? Read(model, ClassifierFile, nameof(CausalClassifierOptions.ClassifierMessage));
        if (classifier.Split(Question) is not [string first, string last])
        {
            throw model.Problem($"its user's message does not have {Question} once, where the prompt goes. Change '{ClassifierFile}' or {nameof(CausalClassifierOptions)}.{nameof(CausalClassifierOptions.ClassifierMessage)}.");
        }

        // The message is stripped of white space at its ends as a whole, so a prompt's own is kept unless it stands there.
        _trimsStart = string.IsNullOrWhiteSpace(first);
        _trimsEnd = string.IsNullOrWhiteSpace(last);
        string[] user = format.User.Split(CausalPromptFormat.Instruction);
        _before = format.System.Replace(CausalPromptFormat.Instruction, system, StringComparison.Ordinal) + user[0] + first.TrimStart();
        _after = last.TrimEnd() + user[1];
        _ownTokens = Tokenizer.Encode(_before, "", _after).Ids.Length;
        if (_ownTokens >= longest)
        {
            throw model.Problem($"its messages alone have {_ownTokens} tokens, and a request has {longest} at most, so there is no room for a prompt. "
                + $"Raise {nameof(CausalClassifierOptions)}.{nameof(CausalClassifierOptions.MaxTokens)}, or shorten the messages.");
        }
    }

    /// <summary>Gets the tokenizer.</summary>
    public PromptTokenizer Tokenizer { get; }

    /// <summary>Gives the token ids of the request for a prompt.</summary>
    public ReadOnlyMemory<int> Encode(string prompt)
    {
        prompt = _trimsStart ? prompt.TrimStart() : prompt;
        prompt = _trimsEnd ? prompt.TrimEnd() : prompt;
        ReadOnlyMemory<int> ids = Tokenizer.Encode(_before, prompt, _after).Ids;
        while (ids.Length > _longest)
        {
            // As much as there would be room for, were all tokens of the prompt of one length; if they are not, a step or two more will do.
            int kept = Math.Min(prompt.Length - 1, (int)((long)prompt.Length * (_longest.Value - _ownTokens) / Math.Max(ids.Length - _ownTokens, 1)));
            prompt = prompt[..(kept > 0 && char.IsHighSurrogate(prompt[kept - 1]) ? kept - 1 : kept)];
            ids = Tokenizer.Encode(_before, prompt, _after).Ids;
        }

        return ids;
    }

    private static string Read(OnnxModel model, string name, string option)
    {
        string path = Path.Combine(model.Folder, name);
        try
        {
            return File.Exists(path)
                ? File.ReadAllText(path)
                : throw model.Problem($"'{name}' is missing in its folder: a message that it was trained with. Copy it from RouteLLM's sources (routellm/routers/causal_llm), or give another text in {nameof(CausalClassifierOptions)}.{option}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw model.Problem($"'{name}' in its folder cannot be read: {e.Message}", e);
        }
    }
}
