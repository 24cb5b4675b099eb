using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace Looper.Core.Persistence;

/// <summary>A property named <c>Revision</c> guards its row: it grows with every save, and a save that read an older one fails.</summary>
internal sealed class RevisionConvention : IModelFinalizingConvention
{
    private const string Revision = "Revision";

    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        foreach (var entity in modelBuilder.Metadata.GetEntityTypes()) entity.FindProperty(Revision)?.Builder.IsConcurrencyToken(true);
    }

    public static void Advance(ChangeTracker changes)
    {
        foreach (var entry in changes.Entries().Where(e => e.State == EntityState.Modified && e.Metadata.FindProperty(Revision) is not null))
        {
            var revision = entry.Property(Revision);
            if (Equals(revision.CurrentValue, revision.OriginalValue)) revision.CurrentValue = (long)revision.OriginalValue! + 1;
        }
    }
}
