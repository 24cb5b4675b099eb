using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using Looper.Testing;

namespace Looper.Core.Tests.Serving;

public sealed class CompiledFilesTests : IDisposable
{
    private const int Body = 56; // after the name, the program and the checksum
    private static readonly ImmutableArray<string> s_options = ["none", "ten-percent", "free-shipping"];
    private readonly TemporaryDirectory _folder = new();
    private readonly PointSource _source = Serve.Point(Serve.Banner(new EpsilonGreedyPolicy(0.1))) with { Models = [Model(40)] };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_compiled_decides_and_explains_the_same_without_its_artefact()
    {
        var (file, compiled) = Save(_source);
        Assert.True(new FileInfo(PlanOf(file)).Length < _source.Models[0].Artefact.Length, "the artefact is in it");
        var read = new CompiledFiles(_folder.Path).Read(file)!;
        for (var seed = 0; seed < 300; seed++)
        {
            var (expected, found) = (Decide(compiled, seed), Decide(read, seed));
            Assert.Equal(expected, found);
        }
    }

    [Fact]
    public void An_arm_of_another_version_and_a_model_of_few_trees_are_read_again_too()
    {
        var arm = new BlueprintSource(2, BlueprintJson.Write(Serve.Banner(new EpsilonGreedyPolicy(0.2)) with { Options = [new("ten-percent"), new("none")] }));
        var source = _source with
        {
            Blueprints = _source.Blueprints.Add(arm),
            Models = _source.Models.Add(Serve.Model("refunds", s_options, [1, 2, 3], number: 9)),
            Experiments = [Serve.Experiment(new ArmSource("now", 1, null, null, null), new ArmSource("next", 1, null, null, 2))],
        };
        var (file, compiled) = Save(source);
        Assert.Equal(2, compiled.Forms.Length);
        Assert.Equal([9], compiled.NeedsArtefact);
        var read = new CompiledFiles(_folder.Path).Read(file)!;
        for (var seed = 0; seed < 300; seed++) Assert.Equal(Decide(compiled, seed), Decide(read, seed));
    }

    [Fact]
    public void Without_trees_to_keep_there_is_no_file()
    {
        var (file, _) = Save(Serve.Point(Serve.Banner()));
        Assert.False(File.Exists(PlanOf(file)));
        Assert.Null(new CompiledFiles(_folder.Path).Read(file));
    }

    [Fact]
    public void A_file_that_was_changed_cut_short_or_written_by_another_program_is_not_read()
    {
        var (file, _) = Save(_source);
        var whole = File.ReadAllBytes(PlanOf(file));
        foreach (var at in new[] { 0, 9, 30, Body, whole.Length / 2, whole.Length - 1 })
        {
            var changed = whole.ToArray();
            changed[at] ^= 1;
            File.WriteAllBytes(PlanOf(file), changed);
            Assert.Null(new CompiledFiles(_folder.Path).Read(file));
        }
        foreach (var length in new[] { 0, 8, Body, whole.Length - 1 })
        {
            File.WriteAllBytes(PlanOf(file), whole[..length]);
            Assert.Null(new CompiledFiles(_folder.Path).Read(file));
        }
        File.WriteAllBytes(PlanOf(file), whole);
        Assert.NotNull(new CompiledFiles(_folder.Path).Read(file));
        Assert.Null(new CompiledFiles(_folder.Path).Read(file with { Id = new Guid("019aa000-0000-7000-8000-00000000000f") }));
    }

    /// <summary>Scoring looks at no bounds, so whatever was read must be safe to score with, or must not have been read.</summary>
    [Fact]
    public void No_bytes_with_a_right_checksum_lead_out_of_bounds()
    {
        var (file, _) = Save(_source with { Models = [Model(8)] });
        var whole = File.ReadAllBytes(PlanOf(file));
        var draw = new Philox(Sizes.Seed, "plans");
        var (read, refused) = (0, 0);
        for (var i = 0; i < 3_000; i++)
        {
            var changed = whole.ToArray();
            for (var flips = 1 + draw.Below(3); flips > 0; flips--) changed[Body + draw.Below(whole.Length - Body)] = draw.Uniform() < 0.3 ? (byte)255 : (byte)draw.Below(256);
            SHA256.HashData(changed.AsSpan(Body), changed.AsSpan(24, 32));
            File.WriteAllBytes(PlanOf(file), changed);
            if (new CompiledFiles(_folder.Path).Read(file) is not { Fault: null } point)
            {
                refused++;
                continue;
            }
            read++;
            for (var seed = 0; seed < 3; seed++) Decide(point, seed);
        }
        Assert.True(read > 100 && refused > 100, $"{read} read, {refused} refused");
    }

    private (PointFile File, DecisionPointSnapshot Compiled) Save(PointSource source)
    {
        var compiled = DecisionPointSnapshot.Compile(source);
        Assert.Null(compiled.Fault);
        var file = new SnapshotFiles(_folder.Path).SavePoint(source, PointFile.NoPrint);
        new CompiledFiles(_folder.Path).Save(file, source, compiled);
        return (file, compiled);
    }

    private string PlanOf(PointFile file) => Path.Combine(_folder.Path, "points", $"{file.Id:N}-{file.Hash}.plan");

    private static string Decide(DecisionPointSnapshot point, int seed)
    {
        var draw = new Philox(seed, "context");
        var context = string.Create(CultureInfo.InvariantCulture, $$"""{"country":"c{{draw.Below(8)}}","cartValue":{{draw.Uniform() * 100}},"isMember":{{(draw.Uniform() < 0.5 ? "true" : "false")}}}""");
        var workspace = new DecisionWorkspace();
        var decision = DecisionEngine.Decide(ServingSnapshot.Of(DateTimeOffset.UnixEpoch, [point]), point, new(Serve.Utf8($"user-{seed}"), Serve.Utf8($"d-{seed}"), Serve.Utf8(context)), workspace);
        var moved = decision.Blueprint!.Scorer.IsReady ? decision.Blueprint.Scorer.Explain(workspace.Served, decision.Answer.Option) : [];
        var explained = string.Join(' ', moved.SelectMany(o => o.Contributions.Select(c => $"{c.Feature}={c.Value:R}")));
        return string.Create(CultureInfo.InvariantCulture, $"{decision.Arm} {decision.Answer.Option} {decision.Propensity:R} {string.Join(' ', workspace.ScoreBuffer[..3].ToArray())} {explained}");
    }

    private static ModelSource Model(int trees)
    {
        const int rows = 2_000;
        Column[] columns =
        [
            new("country", ColumnKind.Category, [.. Enumerable.Range(0, 6).Select(k => $"c{k}")]), new("cartValue", ColumnKind.Number, []),
            new("isMember", ColumnKind.Number, []), new(ModelEncoder.OptionColumn, ColumnKind.Category, s_options),
        ];
        var draw = new Philox(7, "train");
        var values = columns.Select(_ => new double[rows]).ToArray();
        var labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            (values[0][i], values[1][i], values[2][i], values[3][i]) = (draw.Below(6), draw.Uniform() * 100, draw.Below(2), draw.Below(3));
            labels[i] = draw.Uniform() < 1 / (1 + Math.Exp(-((values[1][i] / 50) + (values[3][i] * (values[0][i] - 2) / 3) - values[2][i]))) ? 1 : 0;
        }
        var settings = new LearnerSettings { Rounds = trees, Leaves = 15, MinLeafRows = 5, Patience = trees + 1, Threads = 1 };
        var fitted = new GradientBoosting().Fit(new([.. columns], values, labels), null, settings, 1, null, default);
        return new(3, "purchase", Artefact.Write(new([.. columns], fitted, new PlattCalibration(1.1, 0.2))));
    }
}
