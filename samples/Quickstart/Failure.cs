using System.ClientModel;
using System.Net.Sockets;
using OllamaSharp.Models.Exceptions;

namespace RouteLLM.Quickstart;

/// <summary>Why a prompt got no answer, in words for a user.</summary>
/// <param name="Message">What happened, on one line.</param>
/// <param name="WillRecur">Whether the next prompt would meet the same fate.</param>
/// <param name="Advice">What happened and what to do.</param>
internal sealed record Failure(string Message, bool WillRecur, string Advice)
{
    private const int MaxLength = 300, MinSecretLength = 8;

    public static Failure From(Exception error, ModelPair models)
    {
        string message = Describe(error);
        if (models.Secret is { Length: >= MinSecretLength } secret)
        {
            // Some servers repeat the key that they refuse. One of a few letters is a placeholder for a server that asks for none, and may be part of any word.
            message = message.Replace(secret, "***", StringComparison.Ordinal);
        }

        message = Excerpt.Of(message, MaxLength);
        string? cure = FindCure(error, models);
        return new Failure(message, cure is not null, $"{message.TrimEnd('.')}. {cure}");
    }

    private static string Describe(Exception error) => error switch
    {
        RoutesFailedException { Attempts: var attempts } when attempts.Select(attempt => attempt.Error!.Message).Distinct().Count() == 1 => Describe(attempts[0].Error!),
        RoutesFailedException { Attempts: var attempts } => string.Join("; ", attempts.Select(attempt => $"{attempt.Route}: {Describe(attempt.Error!)}")),
        OperationCanceledException => "The model took too long.",
        _ => Innermost(error).Message,
    };

    /// <summary>Gives what to do, or <see langword="null"/> if the next prompt may well be answered.</summary>
    private static string? FindCure(Exception error, ModelPair models) => error switch
    {
        RoutesFailedException { Attempts: var attempts } => attempts.Select(attempt => FindCure(attempt.Error!, models)).All(cure => cure is not null)
            ? FindCure(attempts[^1].Error!, models)
            : null,
        _ when Innermost(error) is SocketException => $"Is {models.Address} the right address, and is the server running?",
        _ => Status(error) switch
        {
            401 or 403 => $"Is the key the right one for {models.Address}?",
            404 => $"Does {models.Address} have the models {models.StrongModel} and {models.WeakModel}, and is the address complete (OpenAI's ends in /v1)?",
            _ => null,
        },
    };

    private static int? Status(Exception error) => error switch
    {
        ClientResultException { Status: var status } => status,
        HttpRequestException { StatusCode: { } status } => (int)status,
        OllamaException when error.Message.Contains("not found", StringComparison.OrdinalIgnoreCase) => 404,
        _ => null,
    };

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error;
    }
}
