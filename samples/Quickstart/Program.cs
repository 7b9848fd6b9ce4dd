using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RouteLLM;
using RouteLLM.Quickstart;

return await CommandLine.InvokeAsync(args, RunAsync);

static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
{
    ModelPair models = ModelPair.Create(settings, cancellationToken);
    PromptSource prompts = await PromptSource.OpenAsync(settings, cancellationToken);

    // This is all it takes: a strong and a weak IChatClient become one, which is injected wherever an IChatClient is wanted.
    HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
    builder.Services.AddRoutedChatClient(
        strong: _ => models.Strong,
        weak: _ => models.Weak,
        options =>
        {
            options.StrongShare = settings.StrongShare;
            options.Threshold = settings.Threshold;
        });

    builder.Logging.ClearProviders();
    if (settings.Verbose)
    {
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).AddFilter("RouteLLM", LogLevel.Debug);
    }

    using IHost host = builder.Build();
    await host.StartAsync(cancellationToken);

    // Optional: the router would load itself when first used.
    BuiltInRouter.WarmUp();
    IChatClient client = host.Services.GetRequiredService<IChatClient>();

    IReport report = Report.Create(settings, models);
    var tally = new Tally(settings, models);
    var chatOptions = new ChatOptions { MaxOutputTokens = settings.MaxOutputTokens };
    report.Start(Report.DescribeSetup(settings, models, prompts));
    try
    {
        await foreach (string prompt in prompts.ReadAsync(cancellationToken))
        {
            var turn = new Turn(prompt);
            report.Begin(prompt);
            try
            {
                await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(prompt, chatOptions, cancellationToken))
                {
                    // The first update of a stream says where the request went and why.
                    if (update.GetRouteOutcome() is { } outcome)
                    {
                        turn.Outcome = outcome;
                        report.Decided(outcome);
                    }

                    report.Answer(update.Text);
                    turn.Add(update);
                }

                report.End();
                tally.Add(turn);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                var failure = Failure.From(error, models);
                report.Fail(failure.Message);
                tally.AddFailure();
                if (failure.WillRecur)
                {
                    throw new SetupException(failure.Advice);
                }
            }
        }

        return tally.Failures == 0 ? ExitCodes.Success : ExitCodes.Failure;
    }
    finally
    {
        // What was done before an error or Ctrl-C was paid for: say what it came to.
        report.Finish(tally);
    }
}
