using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Microsoft.Data.Sqlite;

namespace Looper.Core.Tests.Events;

/// <summary>How a removal asks a server.</summary>
public sealed class ServerRemovalTests
{
    [Fact] // the shipper follows removals first: one that always gives up too early would keep all events from the server
    public async Task Every_question_may_take_as_long_as_reading_most_of_what_is_there()
    {
        await using var server = new Watched();
        await server.OpenAsync();
        await using (var tables = server.CreateCommand())
        {
            tables.CommandText = """
                CREATE TABLE decisions (id, point TEXT, decided_ticks, unit_hash, marks, option_index, reason, payload);
                CREATE TABLE observations (id, decision, unit_hash, happened_ticks, received_ticks, marks, outcome, observed_value, payload);
                """;
            await tables.ExecuteNonQueryAsync();
        }
        server.Commands.Clear();
        foreach (var order in new[] { RemovalOrder.OfOld(new(new Dictionary<Guid, DateTimeOffset>(), DateTimeOffset.UnixEpoch)), RemovalOrder.OfUnit("anna"), RemovalOrder.OfPoint(Guid.Empty), RemovalOrder.OfSimulated() })
            await new ServerRemoval(server, order, _ => Task.CompletedTask, default).RunAsync();
        Assert.All(server.Commands.Where(c => c.CommandText[..6] is "SELECT" or "DELETE"), c => Assert.True(c.CommandTimeout == ServerRemoval.Patience, c.CommandText));
        Assert.Contains(server.Commands, c => c.CommandText.StartsWith("SELECT DISTINCT", StringComparison.Ordinal));
    }

    private sealed class Watched() : SqliteConnection("Data Source=:memory:")
    {
        public List<SqliteCommand> Commands { get; } = [];

        public override SqliteCommand CreateCommand()
        {
            var command = base.CreateCommand();
            Commands.Add(command);
            return command;
        }
    }
}
