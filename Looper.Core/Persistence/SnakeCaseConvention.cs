using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace Looper.Core.Persistence;

/// <summary>Columns, keys and indexes in snake_case on every database, so that no query needs quotes. Table names stand in the mappings.</summary>
internal sealed class SnakeCaseConvention : IModelFinalizingConvention
{
    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        foreach (var entity in modelBuilder.Metadata.GetEntityTypes())
        {
            var table = entity.GetTableName();
            foreach (var property in entity.GetDeclaredProperties()) property.Builder.HasColumnName(SnakeCase(property.Name));
            foreach (var key in entity.GetDeclaredKeys()) key.Builder.HasName($"pk_{table}");
            foreach (var reference in entity.GetDeclaredForeignKeys())
                reference.Builder.HasConstraintName($"fk_{table}_{Columns(reference.Properties.Select(p => p.Name))}");
            foreach (var index in entity.GetDeclaredIndexes())
                index.Builder.HasDatabaseName($"ix_{table}_{Columns(index.Properties.Select(p => p.Name))}");
        }
    }

    internal static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])))) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }

    private static string Columns(IEnumerable<string> names) => string.Join('_', names.Select(SnakeCase));
}
