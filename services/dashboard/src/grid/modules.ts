// Of AG Grid, what this page uses.

import {
  CellStyleModule, ClientSideRowModelApiModule, ClientSideRowModelModule, ColumnApiModule, ColumnAutoSizeModule, EventApiModule,
  ExternalFilterModule, HighlightChangesModule, ModuleRegistry, NumberFilterModule, RenderApiModule, RowApiModule, ScrollApiModule,
  TextFilterModule, TooltipModule,
} from 'ag-grid-community';

export function registerModules(): void {
  ModuleRegistry.registerModules([
    CellStyleModule, ClientSideRowModelApiModule, ClientSideRowModelModule, ColumnApiModule, ColumnAutoSizeModule, EventApiModule,
    ExternalFilterModule, HighlightChangesModule, NumberFilterModule, RenderApiModule, RowApiModule, ScrollApiModule,
    TextFilterModule, TooltipModule,
  ]);
}
