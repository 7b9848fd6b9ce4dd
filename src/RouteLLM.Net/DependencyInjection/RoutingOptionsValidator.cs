using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace RouteLLM.DependencyInjection;

/// <summary>Validates the options of one routed client, together with what they refer to: routers, and the clients that are to be found in the container.</summary>
internal sealed class RoutingOptionsValidator<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(RoutingRegistration<TOptions> registration, IServiceProvider services) : IValidateOptions<TOptions>
    where TOptions : RoutedChatClientOptions
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        if (name != registration.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> errors = [.. registration.FindErrors(options, services), .. options.FindFeatureErrors(), .. options.Split?.FindErrors(options.Routers ?? new RouterRegistry()) ?? []];
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors.Select(error => $"Routed chat client{(name.Length == 0 ? "" : $" '{name}'")}: {error}"));
    }
}
