using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Internals;
using RouteLLM.Tests.Calibration;
using RouteLLM.Tests.Linear;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>Artifacts and calibrations that change on disk while the application runs.</summary>
public sealed class FileReloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-reload-");
    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger _log = new();
    private readonly ServiceCollection _services = new();
    private ServiceProvider? _provider;

    public FileReloadTests()
    {
        _services.AddSingleton<ILoggerFactory>(_log);
        _services.AddSingleton<TimeProvider>(_time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ServiceProvider Provider => _provider ??= _services.BuildServiceProvider(validateScopes: true);

    private string Artifact => Path.Combine(_folder.FullName, "router.safetensors");

    private string Calibration => Path.Combine(_folder.FullName, "calibration.json");

    public void Dispose()
    {
        _provider?.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_changed_artifact_scores_the_next_request_and_its_own_quantiles_give_the_threshold()
    {
        SaveArtifact(bias: 0.25f, median: 0.25);
        _services.AddRouter("mine", Artifact);
        IChatClient client = Add(options => (options.Router, options.StrongShare) = ("mine", 0.5));
        RouteOutcome before = await Ask(client);

        SaveArtifact(bias: -4, median: 0.75);
        Look(2);
        RouteOutcome after = await Ask(client);

        Assert.Equal((0.25, 0.75), (before.Threshold, after.Threshold));
        Assert.True(after.WinProbability < before.WinProbability / 2, $"{before.WinProbability}, {after.WinProbability}");
        Assert.Contains(_log.Entries, entry => entry.Text.Contains("router 'mine' changed and is in use", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_artifact_that_cannot_be_read_is_refused_and_logged_and_the_old_one_stays()
    {
        SaveArtifact(bias: 0.25f, median: 0.25);
        _services.AddRouter("mine", Artifact);
        IChatClient client = Add(options => (options.Router, options.StrongShare) = ("mine", 0.5));
        RouteOutcome before = await Ask(client);

        File.WriteAllText(Artifact, "no safetensors");
        Look(2);
        Assert.Equal(before.WinProbability, (await Ask(client)).WinProbability);
        Assert.Single(_log.Entries, entry => entry is { Level: LogLevel.Error } && entry.Text.Contains("refused", StringComparison.Ordinal));

        File.Delete(Artifact);
        Look(2);
        Assert.Equal(before.WinProbability, (await Ask(client)).WinProbability);

        SaveArtifact(bias: -4, median: 0.75);
        Look(2);
        Assert.Equal(0.75, (await Ask(client)).Threshold);
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_not_read()
    {
        SaveArtifact(bias: 0.25f, median: 0.25);
        _services.AddRouter("mine", Artifact);
        IChatClient client = Add(options => (options.Router, options.StrongShare) = ("mine", 0.5));
        await Ask(client);

        for (int i = 1; i <= 3; i++)
        {
            File.WriteAllBytes(Artifact, new byte[i]);
            Look(1);
        }

        SaveArtifact(bias: -4, median: 0.75);
        Look(2);

        Assert.Equal(0.75, (await Ask(client)).Threshold);
        Assert.DoesNotContain(_log.Entries, entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task A_changed_calibration_file_is_read_again_and_a_bad_one_is_refused_until_a_good_one_comes()
    {
        _services.AddRouter("fake", FakeRouter.ReadingPrompts());
        TestCalibration.Of(new FakeRouter(0.5), 0.25).Save(Calibration);
        IChatClient client = Configured(("Router", "fake"), ("Calibration", Calibration));
        Assert.Equal(0.25, (await Ask(client, "0.5")).Threshold);

        TestCalibration.Of(new FakeRouter(0.5), 0.75).Save(Calibration);
        Look(2);
        Assert.Equal(0.75, (await Ask(client, "0.5")).Threshold);

        File.WriteAllText(Calibration, "{}");
        Look(2);
        Assert.Equal(0.75, (await Ask(client, "0.5")).Threshold);
        Assert.Single(_log.Entries, entry => entry is { Level: LogLevel.Error } && entry.Text.Contains("refused", StringComparison.Ordinal));

        TestCalibration.Of(new FakeRouter((_, _) => new(0.5), metadata: new RouterMetadata("other")), 0.1).Save(Calibration);
        Look(2);
        Assert.Equal(0.75, (await Ask(client, "0.5")).Threshold);

        TestCalibration.Of(new FakeRouter(0.5), 0.125).Save(Calibration);
        Look(2);
        Assert.Equal(0.125, (await Ask(client, "0.5")).Threshold);
    }

    [Fact]
    public async Task A_router_and_its_calibration_may_both_change_and_never_meet_others()
    {
        SaveArtifact(bias: 0.25f, median: 0.25);
        _services.AddRouter("mine", Artifact);
        TestCalibration.Of(RouterArtifact.Load(Artifact), 0.1).Save(Calibration);
        IChatClient client = Configured(("Router", "mine"), ("Calibration", Calibration));
        RouteOutcome before = await Ask(client);

        SaveArtifact(bias: -4, median: 0.75);
        Look(2);
        RouteOutcome between = await Ask(client);
        TestCalibration.Of(RouterArtifact.Load(Artifact), 0.9).Save(Calibration);
        Look(2);
        RouteOutcome after = await Ask(client);

        Assert.Equal((before.WinProbability, 0.1), (between.WinProbability, between.Threshold));
        Assert.Equal(0.9, after.Threshold);
        Assert.NotEqual(before.WinProbability, after.WinProbability);
    }

    [Fact]
    public async Task A_link_whose_target_changes_counts_as_a_change()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        foreach ((string version, double threshold) in new[] { ("v1", 0.25), ("v2", 0.75) })
        {
            string folder = _folder.CreateSubdirectory(version).FullName;
            TestCalibration.Of(new FakeRouter(0.5), threshold).Save(Path.Combine(folder, "calibration.json"));
            File.SetLastWriteTimeUtc(Path.Combine(folder, "calibration.json"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        _services.AddRouter("fake", FakeRouter.ReadingPrompts());
        File.CreateSymbolicLink(Calibration, Path.Combine(_folder.FullName, "v1", "calibration.json"));
        IChatClient client = Configured(("Router", "fake"), ("Calibration", Calibration));
        Assert.Equal(0.25, (await Ask(client, "0.5")).Threshold);

        File.Delete(Calibration);
        File.CreateSymbolicLink(Calibration, Path.Combine(_folder.FullName, "v2", "calibration.json"));
        Look(2);

        Assert.Equal(0.75, (await Ask(client, "0.5")).Threshold);
    }

    [Fact]
    public async Task A_router_that_is_not_to_be_reloaded_stays_as_it_is()
    {
        SaveArtifact(bias: 0.25f, median: 0.25);
        _services.AddRouter("mine", Artifact, reloadOnChange: false);
        IChatClient client = Add(options => (options.Router, options.StrongShare) = ("mine", 0.5));
        await Ask(client);
        SaveArtifact(bias: -4, median: 0.75);
        Look(3);

        Assert.Equal(0.25, (await Ask(client)).Threshold);
    }

    [Fact]
    public async Task A_disposed_container_looks_no_longer()
    {
        SaveArtifact(bias: 0.25f, median: 0.25);
        _services.AddRouter("mine", Artifact);
        await Ask(Add(options => (options.Router, options.StrongShare) = ("mine", 0.5)));
        _provider!.Dispose();
        File.WriteAllText(Artifact, "no safetensors");
        Look(3);

        Assert.DoesNotContain(_log.Entries, entry => entry.Level == LogLevel.Error);
    }

    private static async Task<RouteOutcome> Ask(IChatClient client, string prompt = "prove it") => (await client.GetResponseAsync(prompt, cancellationToken: Cancel)).GetRouteOutcome()!;

    private IChatClient Add(Action<TwoModelRoutingOptions> configure)
    {
        _services.AddRoutedChatClient(_ => TestChatClient.Answering("strong"), _ => TestChatClient.Answering("weak"), configure);
        return Provider.GetRequiredService<IChatClient>();
    }

    private IChatClient Configured(params (string Key, string? Value)[] values)
    {
        _services.AddRoutedChatClient(_ => TestChatClient.Answering("strong"), _ => TestChatClient.Answering("weak"), new ReloadableConfiguration(values).Root);
        return Provider.GetRequiredService<IChatClient>();
    }

    private void Look(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _time.Advance(FileWatch.Interval);
        }
    }

    private void SaveArtifact(float bias, double median)
    {
        LinearArtifact artifact = TestLinearModel.Artifact(bias, new ScoreQuantiles([0, median, 1]));
        string temporary = Artifact + ".new";
        File.WriteAllBytes(temporary, artifact.Write().ToArray());
        File.Move(temporary, Artifact, overwrite: true);
    }
}
