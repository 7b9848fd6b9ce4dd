namespace RouteLLM;

/// <summary>What a router that asks a chat model has used so far.</summary>
/// <param name="Calls">How many calls of the model were made.</param>
/// <param name="Failures">How many predictions failed, exceeded their time limit or made no sense.</param>
/// <param name="InputTokens">How many input tokens the answers reported.</param>
/// <param name="OutputTokens">How many output tokens the answers reported.</param>
public readonly record struct ChatModelUsage(long Calls, long Failures, long InputTokens, long OutputTokens);
