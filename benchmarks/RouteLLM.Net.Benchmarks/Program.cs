using BenchmarkDotNet.Running;
using RouteLLM.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(BuiltInRouterBenchmarks).Assembly).Run(args);
