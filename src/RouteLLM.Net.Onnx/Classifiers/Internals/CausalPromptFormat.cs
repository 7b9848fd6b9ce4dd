namespace RouteLLM.Onnx;

/// <summary>How a chat model writes messages: a file <c>prompt_format.json</c> beside the model, or Llama 3's way.</summary>
/// <param name="System">The template of a system message, with <c>{instruction}</c> for its text.</param>
/// <param name="User">The template of a user's message, with <c>{instruction}</c> for its text.</param>
internal sealed record CausalPromptFormat(string System, string User)
{
    /// <summary>What stands for a message's text.</summary>
    public const string Instruction = "{instruction}";

    private const string FileName = "prompt_format.json";

    private static readonly CausalPromptFormat s_llama3 = new(Llama3("system"), Llama3("user"));

    /// <exception cref="OnnxModelException">The file is damaged.</exception>
    public static CausalPromptFormat Load(string folder)
    {
        using TokenizerJson? file = TokenizerJson.Open(folder, FileName);
        if (file is null)
        {
            return s_llama3;
        }

        if (TokenizerJson.Flag(file.Root, "system_in_user") == true)
        {
            throw new OnnxModelException("it puts the system message into the user's (system_in_user), which is not known here. Give the two templates apart.", file.Path);
        }

        return new CausalPromptFormat(Template("system"), Template("user"));

        string Template(string name) => TokenizerJson.Text(file.Root, name) is { } template && template.Split(Instruction).Length == 2
            ? template
            : throw new OnnxModelException($"its template '{name}' is missing, or does not have {Instruction} once.", file.Path);
    }

    private static string Llama3(string role) => $"<|start_header_id|>{role}<|end_header_id|>\n\n{Instruction}<|eot_id|>";
}
